import { SessionReplaySpanProcessor } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const errors: string[] = [];
const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  flushIntervalMs: 200,
  capture: { pictures: { maxFileBytes: 20_000 }, fonts: { maxFileBytes: 20_000 } },
  onError: (error, where) => errors.push(`${where}: ${String(error)}`),
});
Object.assign(window, { replay, errors });
