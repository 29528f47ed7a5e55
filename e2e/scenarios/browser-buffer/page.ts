/** A page that changes all the time, and sends nothing but what the recorder decides to send. */
import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  sessionSampleRate: Number(settings.get('sessions')),
  flushIntervalMs: 200,
  preRollMs: 1500,
  postRollMs: 1500,
  checkpointIntervalMs: 500,
});
new WebTracerProvider({ spanProcessors: [replay] }).register();
let ticks = 0;
const changedAt: number[] = [];
setInterval(() => {
  changedAt.push(Date.now());
  document.querySelector('output')!.textContent = `${ticks++}`;
}, 50);
Object.assign(window, {
  replay,
  changedAt,
  fail: () =>
    setTimeout(() => {
      throw new TypeError('a test');
    }),
});
