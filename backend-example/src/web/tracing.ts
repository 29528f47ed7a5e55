/**
 * The page's own OpenTelemetry, as a team has it before it adds replay. Replay is one array
 * element: `SessionReplaySpanProcessor`, before the processor that exports.
 */
import { propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import type { Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

/** @param url where spans go: an OTLP/HTTP traces endpoint */
export function startTracing(url: string): Tracer {
  const provider = new WebTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'shop-web' }),
    spanProcessors: [
      new SessionReplaySpanProcessor({ url }),
      new BatchSpanProcessor(new OTLPTraceExporter({ url })),
    ],
  });
  provider.register();
  registerInstrumentations({
    tracerProvider: provider,
    instrumentations: [new FetchInstrumentation({ ignoreUrls: [url] })],
  });
  const tracer = trace.getTracer('shop-web');
  traceDocument(tracer);
  return tracer;
}

/**
 * The server told the trace of the document's own request by Server-Timing; a span in that trace
 * ties it to what happens in the page.
 */
function traceDocument(tracer: Tracer): void {
  const navigation: PerformanceEntry | undefined = performance.getEntriesByType('navigation')[0];
  if (!(navigation instanceof PerformanceNavigationTiming)) return;
  const traceparent = navigation.serverTiming.find(({ name }) => name === 'traceparent');
  if (traceparent === undefined) return;
  const parent = propagation.extract(ROOT_CONTEXT, { traceparent: traceparent.description });
  const span = tracer.startSpan('document load', { startTime: navigation.startTime }, parent);
  window.addEventListener('load', () => span.end(), { once: true });
}
