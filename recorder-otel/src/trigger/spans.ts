/** What is read of the page's spans, in both generations of the semantic conventions. */

/** What is read of an ended span. */
export interface EndedSpan {
  spanContext(): { traceId: string; spanId: string };
  kind?: number;
  /** Seconds and nanoseconds since the Unix epoch. */
  startTime?: readonly [number, number];
  endTime?: readonly [number, number];
  status?: { code?: number };
  attributes?: Readonly<Record<string, unknown>>;
  events?: readonly { name: string; attributes?: Readonly<Record<string, unknown>> }[];
}

export const KIND_CLIENT = 2;

/** Of fetch or XHR. */
export function isRequest({ kind, attributes = {} }: EndedSpan): boolean {
  return kind === KIND_CLIENT && Boolean(attributes['url.full'] ?? attributes['http.url']);
}

/** Of a request's answer. */
export function statusOf({ attributes = {} }: EndedSpan): number | undefined {
  const code = attributes['http.response.status_code'] ?? attributes['http.status_code'];
  return code === undefined ? undefined : Number(code);
}
