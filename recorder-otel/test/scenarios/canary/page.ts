import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor, type PolicyName } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const policy = settings.get('policy') as PolicyName | null;
/** Every option that records more. */
const more = settings.has('more');
const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  flushIntervalMs: 200,
  checkpointIntervalMs: settings.has('buffer') ? 1000 : 1,
  ...(settings.has('buffer') && { sessionSampleRate: 0 }),
  ...(policy && { masking: { policy } }),
  capture: {
    console: { levels: ['debug', 'log', 'info', 'warn', 'error'], unmask: more },
    canvas: true,
    pictures: more,
    fonts: more,
  },
  triggers: { deadClick: true, consoleError: more },
  userId: 'opaque-1',
  requestTimeoutMs: 1000,
  resource: { attributes: { 'service.name': 'shop-web' } },
});
const provider = new WebTracerProvider({ spanProcessors: [replay] });
provider.register();
registerInstrumentations({
  tracerProvider: provider,
  instrumentations: [new FetchInstrumentation({ ignoreUrls: [settings.get('ingest')!] })],
});
Object.assign(window, { replay, tracer: provider.getTracer('page') });
