import { propagation, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor, type SessionReplayOptions } from 'recorder-otel';
import { sessionBaggage } from 'recorder-otel/baggage';
import { sessionSampler } from 'recorder-otel/tracestate';

const settings = new URLSearchParams(location.search);
const { session, ...options } = JSON.parse(settings.get('options') ?? '{}') as Omit<
  SessionReplayOptions,
  'session'
> & { session?: string };
const reports: string[] = [];
const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  flushIntervalMs: 200,
  resource: { attributes: { 'service.name': 'shop-web' } },
  onError: (error, where) => reports.push(`${where}: ${String(error)}`),
  ...(session !== undefined && { session: { getSessionId: () => session } }),
  ...options,
});
const provider = new WebTracerProvider({
  sampler: sessionSampler(replay),
  spanProcessors: [replay],
});
const tracer = provider.getTracer('page');
// A banner that knows of the answer to an earlier page.
if (settings.has('agreed')) replay.grantConsent();

/** A span that fails; what it says of the session, and what would be told to a backend. */
function span(name: string): Record<string, unknown> {
  const started = tracer.startSpan(name);
  const { traceState } = started.spanContext();
  const carrier: Record<string, string> = {};
  sessionBaggage(replay).inject(trace.setSpan(ROOT_CONTEXT, started), carrier, {
    set: (into: Record<string, string>, key, value) => (into[key] = value),
  });
  started.setStatus({ code: SpanStatusCode.ERROR });
  started.recordException(new TypeError(`${name} failed`));
  started.end();
  return {
    attributes: { ...(started as unknown as { attributes: object }).attributes },
    traceState: traceState?.serialize(),
    baggage: carrier['baggage'],
    traceId: started.spanContext().traceId,
  };
}

/** All that a page can do, and would be recorded. */
function live(name: string): Record<string, unknown> {
  replay.addEvent(name);
  replay.setFeatureFlag(name, true);
  replay.captureError(new RangeError(name));
  // eslint-disable-next-line no-console -- recorded
  console.error(name);
  setTimeout(() => {
    throw new SyntaxError(name);
  });
  document.querySelector('output')!.textContent = name;
  document.body.append(document.createElement(name));
  history.pushState(null, '', `#${name}`);
  return span(name);
}

/** What of the recorder is in the browser. */
async function stored(): Promise<unknown> {
  return {
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    cookie: document.cookie,
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
    usage: (await navigator.storage.estimate()).usage,
  };
}

propagation.disable();
Object.assign(window, { replay, live, stored, reports });
