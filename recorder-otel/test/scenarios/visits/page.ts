import { trace } from '@opentelemetry/api';
import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const own = settings.get('provider');
const state = { sessionId: own };
const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  flushIntervalMs: 200,
  resource: { attributes: { 'service.name': 'shop-web' } },
  ...(own === null ? {} : { session: { getSessionId: () => state.sessionId } }),
});
// A page that updates itself, for nobody.
if (settings.has('busy')) {
  let count = 0;
  setInterval(() => {
    document.querySelector('output')!.textContent = String(++count);
  }, 5000);
}
new WebTracerProvider({ spanProcessors: [replay] }).register();
Object.assign(window, { replay, state, tracer: trace.getTracer('page') });
