/** Grafana's `BackendSrv` over fetch: same errors, same kinds of answers, and a record of the calls. */
import type { BackendSrv, BackendSrvRequest, FetchResponse } from '@grafana/runtime';
import { Observable, firstValueFrom, from } from 'rxjs';

export interface Call {
  url: string;
  method: string;
  status: number;
}

export class Backend implements BackendSrv {
  readonly calls: Call[] = [];

  fetch<T>(options: BackendSrvRequest): Observable<FetchResponse<T>> {
    return from(this.#fetch<T>(options));
  }

  chunked(options: BackendSrvRequest): Observable<FetchResponse<Uint8Array | undefined>> {
    return new Observable((subscriber) => {
      const abort = new AbortController();
      const pump = async (): Promise<void> => {
        const response = await this.#send(options, abort.signal);
        if (!response.ok) {
          throw await failureOf(response, options);
        }
        const reader = response.body?.getReader();
        for (;;) {
          const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
          subscriber.next(describe(response, options, value));
          if (done) {
            break;
          }
        }
        subscriber.complete();
      };
      pump().catch((error: unknown) => subscriber.error(error));
      return () => abort.abort();
    });
  }

  get<T>(url: string, params?: Record<string, unknown>): Promise<T> {
    return this.request({ url, method: 'GET', params });
  }

  delete<T>(url: string, data?: unknown): Promise<T> {
    return this.request({ url, method: 'DELETE', data });
  }

  post<T>(url: string, data?: unknown): Promise<T> {
    return this.request({ url, method: 'POST', data });
  }

  patch<T>(url: string, data?: unknown): Promise<T> {
    return this.request({ url, method: 'PATCH', data });
  }

  put<T>(url: string, data?: unknown): Promise<T> {
    return this.request({ url, method: 'PUT', data });
  }

  async request<T>(options: BackendSrvRequest): Promise<T> {
    return (await firstValueFrom(this.fetch<T>(options))).data;
  }

  datasourceRequest<T>(options: BackendSrvRequest): Promise<FetchResponse<T>> {
    return firstValueFrom(this.fetch<T>(options));
  }

  async #fetch<T>(options: BackendSrvRequest): Promise<FetchResponse<T>> {
    const response = await this.#send(options, options.abortSignal);
    if (!response.ok) {
      throw await failureOf(response, options);
    }
    return describe(response, options, (await bodyOf(response, options)) as T);
  }

  async #send(options: BackendSrvRequest, signal?: AbortSignal): Promise<Response> {
    const { url, params, method = 'GET', headers, data } = options;
    const search = params === undefined ? '' : `?${new URLSearchParams(params).toString()}`;
    const init: RequestInit = { method, signal: signal ?? null };
    if (headers !== undefined) {
      init.headers = headers;
    }
    if (data !== undefined) {
      init.body = JSON.stringify(data);
    }
    const call: Call = { url, method, status: 0 };
    this.calls.push(call);
    const response = await fetch(`/${url.replace(/^\//, '')}${search}`, init);
    call.status = response.status;
    return response;
  }
}

function describe<T>(response: Response, config: BackendSrvRequest, data: T): FetchResponse<T> {
  const { status, statusText, ok, headers, redirected, type, url } = response;
  return { data, status, statusText, ok, headers, redirected, type, url, config };
}

async function failureOf(response: Response, config: BackendSrvRequest): Promise<object> {
  const { status, statusText } = response;
  return { status, statusText, data: await bodyOf(response, {}), config };
}

async function bodyOf(
  response: Response,
  { responseType }: Pick<BackendSrvRequest, 'responseType'>,
): Promise<unknown> {
  if (responseType === 'arraybuffer') {
    return response.arrayBuffer();
  }
  if (responseType === 'blob') {
    return response.blob();
  }
  const text = await response.text();
  if (responseType === 'text') {
    return text;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text; // A proxy's page, say.
  }
}
