/** Tracing and recording in one call, for pages without OpenTelemetry. */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';
import {
  BatchSpanProcessor,
  StackContextManager,
  WebTracerProvider,
} from '@opentelemetry/sdk-trace-web';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { CompositePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { sessionBaggage } from './baggage.js';
import type { SessionReplayOptions } from './options.js';
import { SessionReplaySpanProcessor } from './processor.js';

export interface StartOptions extends SessionReplayOptions {
  /** `service.name` of the page's spans and recordings. */
  serviceName: string;
  /**
   * Where spans and segments go: the processor's address (`/v1/traces` is added to a bare origin)
   * or its full traces URL.
   */
  url?: string;
  /** Other origins that may be sent `traceparent` and `baggage`; they must allow both by CORS. */
  propagateTraceHeaderCorsUrls?: string | RegExp | (string | RegExp)[];
  /** Further Resource attributes, such as `service.version`. */
  resourceAttributes?: Record<string, string | number | boolean>;
}

export interface StartedSessionReplay {
  provider: WebTracerProvider;
  replay: SessionReplaySpanProcessor;
  /** Sends what is left and stops both. */
  shutdown: () => Promise<void>;
}

/**
 * Starts tracing (fetch requests, W3C propagation, `session.id` as baggage) and recording.
 * @throws TypeError when `url` is not an absolute URL
 */
export function startSessionReplay(options: StartOptions): StartedSessionReplay {
  const { serviceName, propagateTraceHeaderCorsUrls, resourceAttributes, ...replayOptions } =
    options;
  const url = tracesUrl(options.url ?? 'http://localhost:4318');
  const resource = resourceFromAttributes({ 'service.name': serviceName, ...resourceAttributes });
  const replay = new SessionReplaySpanProcessor({ resource, ...replayOptions, url });
  const headers = typeof options.headers === 'function' ? options.headers() : options.headers;
  const provider = new WebTracerProvider({
    resource,
    spanProcessors: [
      replay,
      new BatchSpanProcessor(new OTLPTraceExporter(headers ? { url, headers } : { url })),
    ],
  });
  provider.register({
    contextManager: new StackContextManager(),
    propagator: new CompositePropagator({
      propagators: [new W3CTraceContextPropagator(), sessionBaggage(replay)],
    }),
  });
  const stopInstrumentation = registerInstrumentations({
    tracerProvider: provider,
    instrumentations: [
      new FetchInstrumentation({
        ...(propagateTraceHeaderCorsUrls !== undefined && { propagateTraceHeaderCorsUrls }),
        // Tells a request that the page gave up from one that failed.
        applyCustomAttributesOnSpan: (span, _request, result) => {
          const { name } = result as Error;
          if (typeof name === 'string') span.setAttribute('error.type', name);
        },
      }),
    ],
  });
  return {
    provider,
    replay,
    shutdown: async () => {
      stopInstrumentation();
      await provider.shutdown();
    },
  };
}

function tracesUrl(url: string): string {
  const parsed = new URL(url, globalThis.location?.href);
  if (parsed.pathname === '/') parsed.pathname = '/v1/traces';
  return parsed.href;
}
