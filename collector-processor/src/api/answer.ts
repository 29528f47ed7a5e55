/** Writing answers: JSON with ETag and gzip, and streams. HEAD gets the headers of GET. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);
const WORTH_COMPRESSING_BYTES = 1024;

/** Replays are private, and lists and manifests change while a session is active. */
const REVALIDATE = 'private, no-cache';
const FOREVER = 'private, max-age=31536000, immutable';

export async function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown,
  options: { status?: number; contentType?: string } = {},
): Promise<void> {
  const json = Buffer.from(JSON.stringify(body));
  const etag = `W/"${createHash('sha256').update(json).digest('base64url').slice(0, 22)}"`;
  const status = options.status ?? 200;
  response.setHeader('Cache-Control', REVALIDATE);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.appendHeader('Vary', 'Accept-Encoding');
  if (status === 200) {
    response.setHeader('ETag', etag);
    if (isFresh(request, etag)) return void response.writeHead(304).end();
  }
  response.setHeader('Content-Type', options.contentType ?? 'application/json');
  const bytes = await encode(request, response, json);
  response.setHeader('Content-Length', bytes.length);
  response.writeHead(status).end(request.method === 'HEAD' ? undefined : bytes);
}

/** Compresses where the caller takes it and it is worth it. */
export async function encode(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
): Promise<Buffer> {
  const accepted = String(request.headers['accept-encoding'] ?? '');
  if (
    bytes.length < WORTH_COMPRESSING_BYTES ||
    !/\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(accepted)
  ) {
    return bytes;
  }
  response.setHeader('Content-Encoding', 'gzip');
  return compress(bytes);
}

/** `immutableAs`: what the answer is a pure function of, when it can never change. */
export async function sendStream(
  request: IncomingMessage,
  response: ServerResponse,
  chunks: AsyncIterable<Uint8Array>,
  options: { contentType: string; immutableAs?: string; fileName?: string },
): Promise<void> {
  const { contentType, immutableAs, fileName } = options;
  response.setHeader('Cache-Control', immutableAs === undefined ? REVALIDATE : FOREVER);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  if (immutableAs !== undefined) {
    const etag = `"${createHash('sha256').update(immutableAs).digest('base64url').slice(0, 22)}"`;
    response.setHeader('ETag', etag);
    if (isFresh(request, etag)) return void response.writeHead(304).end();
  }
  response.setHeader('Content-Type', contentType);
  if (fileName !== undefined) {
    response.setHeader('Content-Disposition', `attachment; filename="${fileName}"`);
  }
  if (request.method === 'HEAD') return void response.writeHead(200).end();
  await pipeline(Readable.from(chunks, { objectMode: true, highWaterMark: 4 }), response);
}

function isFresh(request: IncomingMessage, etag: string): boolean {
  const sent = request.headers['if-none-match'];
  return (
    sent !== undefined &&
    sent.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag.replace(/^W\//, ''))
  );
}
