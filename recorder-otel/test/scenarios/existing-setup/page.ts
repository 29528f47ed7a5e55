/** A page as our users have it: their own provider, batch processor and fetch instrumentation. */
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const url = settings.get('ingest')!;
const replay = new SessionReplaySpanProcessor({ url, flushIntervalMs: 500 });
const provider = new WebTracerProvider({
  resource: resourceFromAttributes({ 'service.name': 'shop-web', 'service.version': '1.2.3' }),
  spanProcessors: [
    replay,
    new BatchSpanProcessor(new OTLPTraceExporter({ url }), { scheduledDelayMillis: 500 }),
  ],
});
provider.register();
registerInstrumentations({ instrumentations: [new FetchInstrumentation()] });

Object.assign(window, { replay, provider, tracer: trace.getTracer('page') });

document.querySelector('#load')?.addEventListener('click', () => {
  void fetch('/api/products').then(async (response) => {
    document.querySelector('#result')!.textContent = await response.text();
  });
});
