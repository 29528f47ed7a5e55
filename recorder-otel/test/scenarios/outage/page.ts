import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const errors: string[] = [];
const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  flushIntervalMs: 100,
  requestTimeoutMs: 500,
  maxQueueBytes: Number(settings.get('queue') ?? 1e6),
  offline: settings.get('offline') !== 'false',
  resource: { attributes: { 'service.name': 'shop-web' } },
  onError: (error) => errors.push(String(error)),
});
new WebTracerProvider({ spanProcessors: [replay] }).register();
Object.assign(window, { replay, errors });
