import { declareShadowRoot, SessionReplaySpanProcessor } from 'recorder-otel';

const errors: string[] = [];
const replay = new SessionReplaySpanProcessor({
  url: new URLSearchParams(location.search).get('ingest')!,
  flushIntervalMs: 200,
  onError: (error, where) => errors.push(`${where}: ${String(error)}`),
});
Object.assign(window, { replay, errors, declareShadowRoot });
