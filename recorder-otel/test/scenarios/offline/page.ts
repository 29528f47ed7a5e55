import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const errors: string[] = [];
const number = (name: string, otherwise: number): number => Number(settings.get(name) ?? otherwise);
const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  flushIntervalMs: number('flush', 200),
  requestTimeoutMs: number('timeout', 1000),
  maxOfflineBytes: number('maxOfflineBytes', 200e6),
  network: settings.get('network') === 'unmetered' ? 'unmetered' : 'any',
  resource: { attributes: { 'service.name': settings.get('service') ?? 'shop-web' } },
  onError: (error) => errors.push(String(error)),
});
new WebTracerProvider({ spanProcessors: [replay] }).register();
/** Of what is not masked, little can be compressed. */
function addRows(count: number): void {
  for (let row = 0; row < count; row++) {
    document.body.append(Object.assign(document.createElement('p'), { id: crypto.randomUUID() }));
  }
}
Object.assign(window, { replay, errors, addRows });
