/** OpenTelemetry JS 3.x as a page sets it up; the test maps the names to this folder's packages. */
import { trace, type TracerProvider as ApiTracerProvider } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import * as sdk from '@opentelemetry/sdk-trace';
import { SessionReplaySpanProcessor } from 'recorder-otel';
import { sessionSampler } from 'recorder-otel/tracestate';

/** What 3.x has and the 2.x types of this workspace do not. */
const { TracerProvider, BatchSpanProcessor } = sdk as unknown as {
  TracerProvider: new (options: {
    sampler: object;
    spanProcessors: object[];
  }) => ApiTracerProvider & {
    forceFlush(): Promise<void>;
  };
  BatchSpanProcessor: new (options: { exporter: object }) => object;
};

const settings = new URLSearchParams(location.search);
const url = settings.get('ingest')!;
const exporter = new OTLPTraceExporter({ url });
const replay = new SessionReplaySpanProcessor(
  settings.get('exporter') === 'theirs' ? { exporter } : { url },
);
const provider = new TracerProvider({
  sampler: sessionSampler(replay),
  spanProcessors: [replay, new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) })],
});
trace.setGlobalTracerProvider(provider);
document.querySelector('button')?.addEventListener('click', () => {
  trace.getTracer('page').startSpan('work').end();
});
Object.assign(window, { replay, provider });
