import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const replay = new SessionReplaySpanProcessor({
  url: new URLSearchParams(location.search).get('ingest')!,
  flushIntervalMs: 200,
  checkpointIntervalMs: 1,
  resource: { attributes: { 'service.name': 'shop-web' } },
});
new WebTracerProvider({ spanProcessors: [replay] }).register();
Object.assign(window, { replay });
