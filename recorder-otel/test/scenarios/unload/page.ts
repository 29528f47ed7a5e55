import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { trace } from '@opentelemetry/api';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const url = settings.get('ingest')!;
const lines = Number(settings.get('lines') ?? 400);
// Nothing leaves by time: what arrives left because the page did.
const replay = new SessionReplaySpanProcessor({ url, flushIntervalMs: 1e9 });
const provider = new WebTracerProvider({
  spanProcessors: [
    replay,
    new BatchSpanProcessor(new OTLPTraceExporter({ url }), { scheduledDelayMillis: 1e9 }),
  ],
});
provider.register();
let added = 0;
function addLines(count: number): void {
  for (let i = 0; i < count; i++) {
    const line = document.createElement('p');
    line.textContent = `line ${i} ${crypto.randomUUID()} ${crypto.randomUUID()}`;
    line.className = crypto.randomUUID();
    line.id = `line-${added++}`;
    document.body.append(line);
  }
}
document.querySelector('#steady')?.addEventListener('click', () => {
  setInterval(() => addLines(50), 40);
});
document.querySelector('#busy')?.addEventListener('click', () => {
  addLines(lines);
  for (let i = 0; i < 20; i++) trace.getTracer('page').startSpan(`own span ${i}`).end();
});
Object.assign(window, { replay });
