import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor, type PolicyName } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const policy = settings.get('policy') as PolicyName | null;
const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  flushIntervalMs: 60_000,
  checkpointIntervalMs: 600_000,
  autoStart: false,
  offline: false,
  resource: { attributes: { 'service.name': 'shop-web' } },
  masking: {
    ...(policy && { policy }),
    unmaskSelector: '.open',
    maskSelector: '.shut',
    blockSelector: '.away',
  },
});
new WebTracerProvider({ spanProcessors: [replay] }).register();
Object.assign(window, { replay });
