import { SessionReplaySpanProcessor } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const errors: string[] = [];
const state = { visit: 1 };
const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  flushIntervalMs: 200,
  maxQueueBytes: Number(settings.get('maxQueueBytes') ?? 4e6),
  holdUntil: 'nothing',
  ...(settings.has('visits') && { session: { getSessionId: () => `visit-${state.visit}` } }),
  onError: (_, where) => errors.push(where),
});
let ticks = 0;
const bulk = 'x'.repeat(Number(settings.get('bulk') ?? 0));
setInterval(() => {
  // Of several changes of one thing the last may be all that is recorded.
  const line = document.createElement('p');
  line.id = `tick-${++ticks}`;
  line.className = `${bulk}${ticks}`;
  document.body.append(line);
}, 20);
Object.assign(globalThis, { replay, state, errors, ticks: () => ticks });
