import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const url = new URLSearchParams(location.search).get('ingest')!;
const replay = new SessionReplaySpanProcessor({ url, flushIntervalMs: 200 });
new WebTracerProvider({ spanProcessors: [replay] }).register();
Object.assign(window, {
  replay,
  /** Adds and removes so often, tells how often, and leaves one more element. */
  storm: (changes: number) => {
    const list = document.querySelector('#list')!;
    for (let i = 0; i < changes / 2; i++) {
      const item = list.appendChild(document.createElement('li'));
      item.remove();
    }
    document.querySelector('#count')!.firstChild!.nodeValue = String(changes);
    list.append(document.createElement('li'));
  },
  /** Changes one text so often. */
  count: (to: number) => {
    const text = document.querySelector('#count')!.firstChild!;
    for (let i = 1; i <= to; i++) text.nodeValue = String(i);
  },
});
