import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const number = (name: string, otherwise: number): number => Number(settings.get(name) ?? otherwise);
const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  sessionSampleRate: 0,
  errorSampleRate: number('errors', 1),
  flushIntervalMs: 200,
  preRollMs: number('pre', 30_000),
  postRollMs: number('post', 30_000),
  ...(settings.has('every') && { checkpointIntervalMs: number('every', 0) }),
  resource: { attributes: { 'service.name': 'shop-web' } },
});
new WebTracerProvider({ spanProcessors: [replay] }).register();

/** Changes the page all the time, as a ticker does. */
let ticks = 0;
const tickedAt: number[] = [];
const tick = (): void => {
  tickedAt.push(Date.now());
  document.querySelector('output')!.textContent = `${ticks++}`;
};
if (settings.has('ticker')) setInterval(tick, 20);
Object.assign(window, {
  replay,
  tick,
  tickedAt,
  fail: () =>
    setTimeout(() => {
      throw new TypeError('a test');
    }),
});
