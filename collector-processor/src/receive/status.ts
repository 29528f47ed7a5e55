/** Answers of an OTLP/HTTP server (opentelemetry-proto docs/specification.md, "OTLP/HTTP Response"). */
import type { ServerResponse } from 'node:http';
import type { OtlpContentType } from '../otlp/types.js';

/** Ends a request with an HTTP status; thrown by the steps of reading one. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.name = 'HttpError';
    this.status = status;
    this.headers = headers;
  }
}

/** google.rpc.Code for the HTTP statuses used here. */
const RPC_CODES: Readonly<Record<number, number>> = {
  400: 3, // INVALID_ARGUMENT
  404: 5, // NOT_FOUND
  405: 12, // UNIMPLEMENTED
  408: 4, // DEADLINE_EXCEEDED
  413: 8, // RESOURCE_EXHAUSTED
  415: 3,
  429: 8,
  500: 13, // INTERNAL
  503: 14, // UNAVAILABLE
};

/** A protobuf message of one varint field 1 and one string field 2: Status and PartialSuccess alike. */
function encodeCountAndText(count: number, text: string): Buffer {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([
    Buffer.from([0x08, ...varint(count), 0x12, ...varint(bytes.length)]),
    bytes,
  ]);
}

function varint(value: number): number[] {
  const out: number[] = [];
  while (value >= 0x80) {
    out.push((value & 0x7f) | 0x80);
    value = Math.floor(value / 128);
  }
  out.push(value);
  return out;
}

/** Sends `error` as google.rpc.Status in the request's encoding, as text where that is unknown. */
export function sendError(
  response: ServerResponse,
  error: HttpError,
  contentType: OtlpContentType | undefined,
): void {
  const code = RPC_CODES[error.status] ?? 2; // UNKNOWN
  const { message } = error;
  const body =
    contentType === 'application/x-protobuf'
      ? encodeCountAndText(code, message)
      : Buffer.from(contentType === undefined ? `${message}\n` : JSON.stringify({ code, message }));
  for (const [name, value] of Object.entries(error.headers)) response.setHeader(name, value);
  send(response, error.status, contentType ?? 'text/plain; charset=utf-8', body);
}

/** 200 with an empty message, or with partial_success when segments were refused, or as a warning. */
export function sendSuccess(
  response: ServerResponse,
  contentType: OtlpContentType,
  signal: 'traces' | 'logs',
  rejected: { count: number; message: string },
): void {
  const isPartial = rejected.count > 0 || rejected.message !== '';
  let body: Buffer;
  if (contentType === 'application/json') {
    const countName = signal === 'traces' ? 'rejectedSpans' : 'rejectedLogRecords';
    const partialSuccess = { [countName]: String(rejected.count), errorMessage: rejected.message };
    body = Buffer.from(isPartial ? JSON.stringify({ partialSuccess }) : '{}');
  } else if (isPartial) {
    const partial = encodeCountAndText(rejected.count, rejected.message);
    body = Buffer.concat([Buffer.from([0x0a, ...varint(partial.length)]), partial]);
  } else body = Buffer.alloc(0);
  send(response, 200, contentType, body);
}

function send(response: ServerResponse, status: number, contentType: string, body: Buffer): void {
  // Deliberately no Cache-Control: browsers fail keepalive requests answered with no-store.
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': body.length });
  response.end(body);
}
