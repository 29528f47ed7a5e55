/** What every framework's page does, and how it is recorded or not. */
import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const settings = new globalThis.URLSearchParams(globalThis.location.search);

/** Starts the recorder unless the page's address says `record=0`. */
export function startRecorder() {
  if (settings.get('record') === '0') return;
  const replay = new SessionReplaySpanProcessor({
    url: settings.get('ingest'),
    flushIntervalMs: 100,
    resource: { attributes: { 'service.name': 'frameworks' } },
  });
  new WebTracerProvider({ spanProcessors: [replay] }).register();
  Object.assign(globalThis, { replay });
}

/** The list of the page after each step, so that all frameworks show the same. */
export const first = ['one', 'two', 'three'];
export const steps = {
  add: (items) => [...items, `item ${items.length + 1}`],
  reverse: (items) => [...items].reverse(),
  remove: (items) => items.slice(1),
};
