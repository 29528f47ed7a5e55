import { SpanKind, trace } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';
import { XMLHttpRequestInstrumentation } from '@opentelemetry/instrumentation-xml-http-request';
import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor, type SessionReplayOptions } from 'recorder-otel';

const settings = new URLSearchParams(location.search);
const errors: string[] = [];
const replay = new SessionReplaySpanProcessor({
  url: settings.get('ingest')!,
  // Nothing leaves by the clock: a test says when.
  flushIntervalMs: 3_600_000,
  resource: { attributes: { 'service.name': 'shop-web' } },
  onError: (error) => errors.push(String(error)),
  ...(JSON.parse(settings.get('options') ?? '{}') as SessionReplayOptions),
});
const early = settings.get('early');
if (early) {
  replay.addEvent(early);
  replay.setFeatureFlag('early', true);
}
const provider = new WebTracerProvider({ spanProcessors: [replay] });
provider.register();
registerInstrumentations({
  tracerProvider: provider,
  instrumentations: [
    new FetchInstrumentation({ measureRequestSize: true }),
    new XMLHttpRequestInstrumentation(),
  ],
});
Object.assign(window, {
  replay,
  errors,
  trace,
  SpanKind,
  xhr: (url: string, then?: (request: XMLHttpRequest) => void) =>
    new Promise<void>((resolve) => {
      const request = new XMLHttpRequest();
      request.open('GET', url);
      request.onloadend = () => resolve();
      request.send();
      then?.(request);
    }),
});
