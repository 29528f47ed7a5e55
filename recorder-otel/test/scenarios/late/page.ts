import { SessionReplaySpanProcessor } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const errors: string[] = [];
const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  flushIntervalMs: 200,
  maxQueueBytes: Number(settings.get('maxQueueBytes') ?? 4e6),
  holdUntil: 'nothing',
  onError: (_, where) => errors.push(where),
});
let ticks = 0;
const bulk = 'x'.repeat(Number(settings.get('bulk') ?? 0));
setInterval(() => {
  document.querySelector('p')!.className = `tick-${++ticks} ${bulk}${ticks}`;
}, 50);
Object.assign(globalThis, { replay, errors, ticks: () => ticks });
