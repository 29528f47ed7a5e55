/** What Grafana's client gives piece by piece, as the `Response` that readers of streams know. */
import { isFetchError, type FetchError, type FetchResponse } from '@grafana/runtime';
import type { Observable } from 'rxjs';

/** The chunks of one answer as a `Response` that streams them. */
export function toResponse(
  chunks: Observable<FetchResponse<Uint8Array | undefined>>,
  signal: AbortSignal | undefined,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortError(signal));
      return;
    }
    let body: ReadableStreamDefaultController<Uint8Array> | undefined;
    let isOpen = true;
    let isAnswered = false;
    const end = (finish: (body: ReadableStreamDefaultController<Uint8Array>) => void) => {
      signal?.removeEventListener('abort', onAbort);
      if (body !== undefined && isOpen) {
        finish(body);
      }
      isOpen = false;
    };
    const onAbort = () => {
      const error = abortError(signal);
      subscription.unsubscribe();
      end((open) => open.error(error));
      reject(error);
    };
    const stream = new ReadableStream<Uint8Array>({
      start: (controller) => {
        body = controller;
      },
      cancel: () => {
        isOpen = false;
        subscription.unsubscribe();
        signal?.removeEventListener('abort', onAbort);
      },
    });
    const subscription = chunks.subscribe({
      next: ({ status, statusText, headers, data }) => {
        if (!isAnswered) {
          isAnswered = true;
          const about = { status, statusText, headers: plain(headers) };
          resolve(new Response(hasBody(status) ? stream : null, about));
        }
        if (data !== undefined && data.length > 0 && isOpen) {
          body?.enqueue(data);
        }
      },
      error: (cause: unknown) => {
        end((open) => open.error(cause));
        // Versions of Grafana differ in whether a refusal is an answer or an error.
        if (isFetchError(cause)) {
          resolve(refusalOf(cause));
        } else {
          reject(cause instanceof Error ? cause : new Error('The request failed', { cause }));
        }
      },
      complete: () => {
        end((open) => open.close());
        reject(new Error('The request ended without an answer'));
      },
    });
    signal?.addEventListener('abort', onAbort);
  });
}

function refusalOf({ status, statusText, data }: FetchError): Response {
  const body = typeof data === 'string' ? data : JSON.stringify(data ?? null);
  return new Response(hasBody(status) ? body : null, { status, statusText });
}

/** A `Response` of these must be made without one. */
const hasBody = (status: number) => status !== 204 && status !== 205 && status !== 304;

/** The body is inflated already, so what describes the bytes on the wire is wrong for it. */
function plain(headers: Headers): Headers {
  const copy = new Headers(headers);
  copy.delete('content-encoding');
  copy.delete('content-length');
  return copy;
}

function abortError(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error
    ? reason
    : new DOMException('The request was aborted.', 'AbortError');
}
