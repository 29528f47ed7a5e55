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
new WebTracerProvider({ spanProcessors: [replay] }).register();
Object.assign(window, { replay, state, tracer: trace.getTracer('page') });
