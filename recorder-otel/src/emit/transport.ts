/** How segment spans leave the page: by our own OTLP request, or by the user's exporter. */
import type { ContextAPI } from '@opentelemetry/api';
import { classify, type SendResult } from './answer.js';
import { encodeRequest } from './protobuf.js';
import type { SegmentSpan } from './span.js';

export interface Transport {
  /**
   * Starts to send before it returns; never rejects.
   * @param keepalive the page may go away before the answer
   */
  send(spans: readonly SegmentSpan[], keepalive: boolean): Promise<SendResult>;
  shutdown(): Promise<void>;
}

/** Any OpenTelemetry `SpanExporter`, of the 2.x or the 3.x line. */
export interface SpanExporterLike {
  export(
    // Exporters declare their own `ReadableSpan`; ours has what they read.
    spans: never[],
    resultCallback: (result: { code: number; error?: Error }) => void,
  ): void;
  shutdown(): Promise<void>;
}

export interface OtlpTransportOptions {
  fetch: typeof globalThis.fetch;
  url: string;
  headers?: Record<string, string> | (() => Record<string, string>) | undefined;
  timeoutMs: number;
}

type Wrapped = typeof fetch & { __original?: Wrapped };

/** `fetch` as the browser made it: instrumentations leave the original on their wrapper. */
function originalFetch(): typeof fetch {
  let wrapped: Wrapped = globalThis.fetch;
  while (wrapped.__original && wrapped.__original !== wrapped) wrapped = wrapped.__original;
  return wrapped;
}

/** The key `suppressTracing` of `@opentelemetry/core` sets; api keys are registered symbols. */
const SUPPRESS_TRACING = Symbol.for('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

function untraced<R>(context: ContextAPI, fn: () => R): R {
  return context.with(context.active().setValue(SUPPRESS_TRACING, true), fn);
}

/** A request that the page's own instrumentations do not see. */
export const untracedFetch =
  (context: ContextAPI): typeof fetch =>
  (...request) =>
    untraced(context, () => originalFetch().apply(globalThis, request));

export function createOtlpTransport({
  fetch,
  url,
  headers,
  timeoutMs,
}: OtlpTransportOptions): Transport {
  return {
    async send(spans, keepalive) {
      const abort = new AbortController();
      const timer = setTimeout(() => abort.abort(), timeoutMs);
      try {
        const response = await fetch(url, {
          method: 'POST',
          body: encodeRequest(spans),
          headers: {
            ...(typeof headers === 'function' ? headers() : headers),
            'Content-Type': 'application/x-protobuf',
          },
          keepalive,
          signal: abort.signal,
        });
        // An unread body keeps its share of the browser's keepalive budget.
        const body = await response.arrayBuffer().catch(() => undefined);
        return classify(url, response.status, response.headers.get('Retry-After'), body);
      } catch {
        return { outcome: 'later', afterMs: 0 };
      } finally {
        clearTimeout(timer);
      }
    },
    shutdown: () => Promise.resolve(),
  };
}

/** Exporters retry by themselves for some seconds; what they give up on, we keep. */
export function createExporterTransport(
  context: ContextAPI,
  exporter: SpanExporterLike,
): Transport {
  return {
    send: (spans) =>
      new Promise((resolve) => {
        untraced(context, () =>
          exporter.export(spans as never[], ({ code, error }) => {
            const status = Number((error as { code?: unknown } | undefined)?.code);
            // Without a status it is the network, or the exporter itself.
            resolve(classify('the exporter', code === 0 ? 200 : status >= 400 ? status : 503));
          }),
        );
      }),
    shutdown: () => exporter.shutdown(),
  };
}
