import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import {
  SessionReplaySpanProcessor,
  type SessionOptions,
  type SessionReplayOptions,
} from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const state = document as { prerendering?: boolean };
// Where it was when the script ran; a test must see that it was what it meant to be.
document.body.dataset['born'] = `${document.visibilityState} ${state.prerendering}`;
const holdUntil = settings.get('holdUntil') as SessionReplayOptions['holdUntil'];
const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  flushIntervalMs: 200,
  resource: { attributes: { 'service.name': 'shop-web' } },
  ...(holdUntil && { holdUntil }),
  sessionOptions: JSON.parse(settings.get('session') ?? '{}') as SessionOptions,
});
const provider = new WebTracerProvider({ spanProcessors: [replay] });
const tracer = provider.getTracer('page');
// A page that is never quiet.
let count = 0;
setInterval(() => {
  document.querySelector('output')!.textContent = String(++count);
  tracer.startSpan('poll').end();
  // Nothing may be attached to it yet: this is how a test hears of it.
  if (state.prerendering) localStorage['prerendered'] = count;
}, 50);
const fail = (): void => {
  setTimeout(() => {
    throw new Error('on load');
  });
};
if (settings.has('fail')) fail();
Object.assign(window, { replay, tracer, count: () => count, fail });
