import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const url = new URLSearchParams(location.search).get('ingest')!;
const replay = new SessionReplaySpanProcessor({ url, flushIntervalMs: 200 });
new WebTracerProvider({ spanProcessors: [replay] }).register();
Object.assign(window, {
  replay,
  /** Changes one text and leaves the rest as it was. */
  storm: (changes: number) => {
    const count = document.querySelector('#count')!;
    for (let i = 1; i <= changes; i++) count.firstChild!.nodeValue = String(i);
    document.querySelector('#list')!.append(document.createElement('li'));
  },
});
