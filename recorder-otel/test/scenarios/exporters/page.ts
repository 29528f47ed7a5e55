import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtoExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const url = settings.get('ingest')!;
const exporter =
  settings.get('exporter') === 'http' ? new JsonExporter({ url }) : new ProtoExporter({ url });
const replay = new SessionReplaySpanProcessor({
  exporter,
  flushIntervalMs: 300,
  resource: { attributes: { 'service.name': 'shop-web' } },
});
const provider = new WebTracerProvider({
  spanProcessors: [replay],
  // Cuts what goes through the user's pipeline, never our payloads.
  spanLimits: { attributeValueLengthLimit: 100, eventCountLimit: 1 },
});
provider.register();
Object.assign(window, { replay, provider });
