/** A page with OpenTelemetry as its users set it up, the recorder, and the two optional extras. */
import { CompositePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';
import { BatchSpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';
import { sessionBaggage } from 'recorder-otel/baggage';
import { sessionSampler } from 'recorder-otel/tracestate';

const settings = new URLSearchParams(location.search);
const url = settings.get('ingest')!;
const backend = settings.get('backend')!;
const replay = new SessionReplaySpanProcessor({ url, flushIntervalMs: 200 });
const provider = new WebTracerProvider({
  sampler: sessionSampler(replay),
  spanProcessors: [replay, new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
});
provider.register({
  propagator: new CompositePropagator({
    propagators: [new W3CTraceContextPropagator(), sessionBaggage(replay)],
  }),
});
registerInstrumentations({
  instrumentations: [
    new FetchInstrumentation({ propagateTraceHeaderCorsUrls: [`${backend}/order`] }),
  ],
});
Object.assign(window, { replay });

const show = (text: string): void => {
  document.querySelector('output')!.textContent = text;
};
document.querySelector('button')?.addEventListener('click', () => {
  fetch(`${backend}/order`).then(
    (response) => show(`${response.status}`),
    () => show('the browser refused'),
  );
});
