import { context, SpanKind, trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';
import { XMLHttpRequestInstrumentation } from '@opentelemetry/instrumentation-xml-http-request';
import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor, type SessionReplayOptions } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const { triggers, ...options } = JSON.parse(
  settings.get('options') ?? '{}',
) as SessionReplayOptions;
/** Every trigger, in order. */
const seen: string[] = [];
const errors: string[] = [];
const answers = settings.get('answers');

const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  flushIntervalMs: 3_600_000,
  resource: { attributes: { 'service.name': 'shop-web' } },
  onError: (error) => errors.push(String(error)),
  ...options,
  triggers: {
    ...triggers,
    beforeTrigger: ({ name, traceId }) => {
      seen.push(traceId === undefined ? name : `${name} ${traceId}`);
      if (answers === 'throws') throw new Error('no opinion');
      return answers !== 'false';
    },
  },
});
const provider = new WebTracerProvider({ spanProcessors: [replay] });
provider.register();
registerInstrumentations({
  tracerProvider: provider,
  instrumentations: [new FetchInstrumentation(), new XMLHttpRequestInstrumentation()],
});
Object.assign(window, { replay, seen, errors, trace, context, SpanKind });
