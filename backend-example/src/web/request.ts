/** Calls to the shop's API, each under a span of its own that names what the visitor did. */
import { SpanStatusCode } from '@opentelemetry/api';
import type { Tracer } from '@opentelemetry/api';

/** A request that did not do what was asked. */
export class RequestError extends Error {
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Of the span the request ran under. */
  readonly traceId: string;
  readonly body: unknown;

  constructor(message: string, answer: { status: number; traceId: string; body?: unknown }) {
    super(message);
    this.name = 'RequestError';
    this.status = answer.status;
    this.traceId = answer.traceId;
    this.body = answer.body;
  }
}

export interface ApiRequest {
  /** Name of the span: what the visitor did. */
  action: string;
  method?: 'GET' | 'POST' | 'PUT';
  path: string;
  body?: unknown;
}

/** @throws RequestError for anything but a 2xx answer */
export function send<T>(tracer: Tracer, request: ApiRequest): Promise<T> {
  return tracer.startActiveSpan(request.action, async (span) => {
    const { traceId } = span.spanContext();
    try {
      // The fetch is called in the same turn, so its span becomes a child of this one.
      const response = await fetch(request.path, {
        method: request.method ?? 'GET',
        ...(request.body === undefined
          ? {}
          : {
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify(request.body),
            }),
      });
      const body: unknown = await response.json();
      if (response.ok) return body as T;
      const { status } = response;
      throw new RequestError(`${request.action} was answered with ${status}`, {
        status,
        traceId,
        body,
      });
    } catch (error) {
      const failure =
        error instanceof RequestError
          ? error
          : new RequestError(`${request.action} got no answer`, { status: 0, traceId });
      if (failure.status === 0 || failure.status >= 500) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
      }
      throw failure;
    } finally {
      span.end();
    }
  });
}
