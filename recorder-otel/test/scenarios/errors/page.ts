import { context, SpanKind, trace } from '@opentelemetry/api';
import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const url = new URLSearchParams(location.search).get('ingest')!;
// Nothing leaves by the clock: what arrives was sent for another reason.
const replay = new SessionReplaySpanProcessor({ url, flushIntervalMs: 3_600_000 });
const provider = new WebTracerProvider({ spanProcessors: [replay] });
provider.register();
const tracer = provider.getTracer('page');
document.querySelector('#fail')!.addEventListener('click', () => {
  document.querySelector('p')!.textContent = 'shown after the failure';
  // Both say that they failed, and it is one failure.
  const outer = tracer.startSpan('checkout');
  const inner = tracer.startSpan('pay', {}, trace.setSpan(context.active(), outer));
  for (const span of [inner, outer]) span.setStatus({ code: 2 }).end();
});
document.querySelector('#refuse')!.addEventListener('click', () => {
  const attributes = { 'http.response.status_code': 404 };
  const span = tracer.startSpan('GET', { kind: SpanKind.CLIENT, attributes });
  span.setStatus({ code: 2 }).end();
});
document.querySelector('#throw')!.addEventListener('click', () => {
  throw new RangeError('with a private text');
});
