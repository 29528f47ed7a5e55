import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { trace } from '@opentelemetry/api';
import { SessionReplaySpanProcessor, type SessionReplayOptions } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const fault = settings.get('fault');
const errors: string[] = [];
const fail = (): never => {
  throw new Error(`injected: ${fault}`);
};

const options: SessionReplayOptions = {
  url: settings.get('ingest')!,
  flushIntervalMs: 100,
  resource: { attributes: { 'service.name': 'shop-web' } },
  onError: (_error, where) => errors.push(where),
};
const faults: Record<string, () => void> = {
  'exporter throws': () => {
    options.exporter = { export: fail, shutdown: () => Promise.reject(new Error('no')) };
  },
  'exporter fails': () => {
    options.exporter = {
      export: (_spans, done) => done({ code: 1, error: new Error('no') }),
      shutdown: () => Promise.resolve(),
    };
  },
  'session throws': () => {
    options.session = { getSessionId: fail };
  },
  'session is nonsense': () => {
    options.session = { getSessionId: () => ({ id: 1 }) as unknown as string };
  },
  'listener throws': () => {
    options.onError = fail;
    options.urlSanitizer = fail;
  },
  'headers throw': () => {
    options.headers = fail;
  },
  'user throws': () => {
    options.userId = fail;
  },
  'storage is off': () => {
    Object.defineProperty(window, 'localStorage', { get: fail });
  },
  'fetch is broken': () => {
    window.fetch = fail;
  },
  'selector is wrong': () => {
    options.masking = { unmaskSelector: ':::' };
  },
  'getters throw': () => {
    const input = document.querySelector('input')!;
    Object.defineProperty(input, 'type', { get: fail });
    Object.defineProperty(input, 'value', { get: fail });
    Object.defineProperty(document.querySelector('button'), 'attributes', { get: fail });
  },
  'matches throws': () => {
    Element.prototype.matches = fail as never;
    Element.prototype.getAttribute = fail;
  },
  'compression fails': () => {
    TextEncoder.prototype.encode = fail;
  },
};
faults[fault ?? '']?.();

const replay = new SessionReplaySpanProcessor(options);
new WebTracerProvider({ spanProcessors: [replay] }).register();
Object.assign(window, {
  replay,
  errors,
  second: new SessionReplaySpanProcessor({ ...options, exporter: undefined as never }),
  work: () => {
    trace.getTracer('page').startSpan('work').end();
    const added = document.createElement('p');
    added.textContent = 'added';
    document.body.append(added);
    document.querySelector('#out')!.textContent = 'worked';
    const sheet = document.querySelector('style')!.sheet!;
    sheet.insertRule('p { color: red }');
    try {
      sheet.insertRule('not a rule');
      return 'insertRule swallowed an error of the page';
    } catch {
      return 'worked';
    }
  },
});
