import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const errors: string[] = [];
const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  flushIntervalMs: 200,
  resource: { attributes: { 'service.name': 'shop-web' } },
  remoteConfig: settings.get('config') ?? false,
  consent: settings.has('consent') ? 'required' : 'not_required',
  onError: (_error, where) => errors.push(where),
});
new WebTracerProvider({ spanProcessors: [replay] }).register();
Object.assign(window, { replay, errors });
