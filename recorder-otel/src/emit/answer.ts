/** What a receiver's answer means for the segments it was sent (OTLP specification, "OTLP/HTTP"). */

export type SendResult =
  | {
      outcome: 'delivered';
      /** Spans of the request that were refused for good all the same: OTLP's partial success. */
      refused?: number;
    }
  /** Not accepted now; try again, not before `afterMs`. */
  | { outcome: 'later'; afterMs: number }
  /** Too large or not readable; smaller requests may pass. */
  | { outcome: 'unfit' }
  /** Nothing we send will be accepted. */
  | { outcome: 'rejected'; reason: string };

/**
 * @param retryAfter the header `Retry-After`: seconds, or an HTTP date
 * @param body of an accepted request, in protobuf
 */
export function classify(
  url: string,
  status: number,
  retryAfter?: string | null,
  body?: ArrayBuffer,
): SendResult {
  if (status >= 200 && status < 300) {
    return { outcome: 'delivered', refused: body ? rejectedSpans(new Uint8Array(body)) : 0 };
  }
  // OTLP names 429, 502, 503 and 504; the other 5xx may be a proxy's bad moment, 408 a slow line.
  if (status === 408 || status === 429 || status >= 500) {
    const asked = retryAfter ? Number(retryAfter) * 1000 : 0;
    return {
      outcome: 'later',
      afterMs: (asked >= 0 ? asked : Date.parse(retryAfter!) - Date.now()) || 0,
    };
  }
  if (status === 413 || status === 400 || status === 422) return { outcome: 'unfit' };
  return { outcome: 'rejected', reason: `${url} answered ${status}` };
}

/** `ExportTraceServiceResponse { partial_success = 1 { rejected_spans = 1 } }`, fields in order. */
function rejectedSpans(body: Uint8Array): number {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = body[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  // The tags of field 1: 10 with a length, 8 as a number.
  if (varint() !== 10) return 0;
  varint();
  return varint() === 8 ? varint() : 0;
}
