import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const url = new URLSearchParams(location.search).get('ingest')!;
const violations: string[] = [];
document.addEventListener('securitypolicyviolation', (event) => {
  violations.push(event.violatedDirective);
});
const replay = new SessionReplaySpanProcessor({ url, flushIntervalMs: 300, workerUrl: false });
new WebTracerProvider({ spanProcessors: [replay] }).register();
Object.assign(window, { replay, violations });
