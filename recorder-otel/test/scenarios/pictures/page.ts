import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const url = new URLSearchParams(location.search).get('ingest')!;
const errors: string[] = [];
const replay = new SessionReplaySpanProcessor({
  url,
  flushIntervalMs: 200,
  capture: { pictures: true },
  onError: (error) => errors.push(String(error)),
});
new WebTracerProvider({ spanProcessors: [replay] }).register();
Object.assign(window, { replay, errors });
