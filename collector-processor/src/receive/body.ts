/** Reads a request body, bounded in bytes before and after decompression, and in time. */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { OverloadedError, type MemoryGate } from './sink.js';
import { HttpError } from './status.js';

export interface BodyLimits {
  /** Before and after decompression. */
  maxBytes: number;
  /** From the headers to the last byte. */
  timeoutMs: number;
}

/** Counts the bytes of all bodies being read or worked on; one per receiver. */
export class InFlight {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Throws {@link OverloadedError} when `bytes` more would be too many. One body alone is let in. */
  check(bytes: number): void {
    if (this.#bytes > 0 && this.#bytes + bytes > this.#maxBytes) {
      const message = 'too many bytes are being received; send again later';
      throw new OverloadedError(message, 1, 'in_flight');
    }
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** Bytes counted for one request, given back at its end. */
export class Reservation {
  readonly #inFlight: InFlight;
  readonly #memory: MemoryGate | undefined;
  #bytes = 0;

  constructor(inFlight: InFlight, memory?: MemoryGate) {
    this.#inFlight = inFlight;
    this.#memory = memory;
  }

  /** Throws {@link OverloadedError} when a body of `bytes` would not be granted now. */
  check(bytes: number): void {
    this.#inFlight.check(bytes - this.#bytes);
    this.#memory?.admit(bytes - this.#bytes);
  }

  /** Raises the reservation to `bytes` in total. Throws {@link OverloadedError}. */
  raise(bytes: number): void {
    const more = bytes - this.#bytes;
    if (more <= 0) return;
    this.#inFlight.check(more);
    this.#inFlight.add(more);
    this.#memory?.note(more);
    this.#bytes = bytes;
  }

  release(): void {
    this.#inFlight.remove(this.#bytes);
    this.#memory?.note(-this.#bytes);
    this.#bytes = 0;
  }
}

type Encoding = 'identity' | 'gzip' | 'deflate';

function encodingOf(request: IncomingMessage): Encoding {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  switch (encoding) {
    case '':
    case 'identity':
      return 'identity';
    case 'gzip':
    case 'x-gzip':
      return 'gzip';
    case 'deflate':
    case 'zlib':
      return 'deflate';
    default:
      throw new HttpError(
        415,
        `Content-Encoding ${encoding.slice(0, 60)} is not supported; send gzip, deflate or none`,
      );
  }
}

/** The decompressed body. Throws {@link HttpError} 400, 408, 413 or 415, and {@link OverloadedError}. */
export async function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
  reservation: Reservation,
): Promise<Uint8Array> {
  const encoding = encodingOf(request);
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > limits.maxBytes) throw tooLarge(limits.maxBytes);
  // Counted as bytes arrive: who announces much and sends nothing takes no room from others.
  reservation.check(announced);
  const raw = await readRaw(request, announced, limits, reservation);
  if (encoding === 'identity' || raw.length === 0) return raw;
  const body = await inflate(raw, encoding, limits.maxBytes);
  reservation.raise(raw.length + body.length);
  return body;
}

function tooLarge(maxBytes: number): HttpError {
  return new HttpError(
    413,
    `the body is larger than ${maxBytes} bytes; send smaller batches or raise max_request_body_size`,
  );
}

function readRaw(
  request: IncomingMessage,
  announced: number,
  limits: BodyLimits,
  reservation: Reservation,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // A body of known length is written in place: half the CPU of collecting and joining chunks.
    const whole = announced > 0 ? Buffer.allocUnsafeSlow(announced) : undefined;
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (error?: Error): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onError);
      if (error === undefined) resolve(whole ?? Buffer.concat(chunks, size));
      else {
        request.resume(); // what still comes is thrown away, so that the answer gets through
        reject(error);
      }
    };
    const onData = (chunk: Buffer): void => {
      try {
        if (whole !== undefined) chunk.copy(whole, size);
        else {
          if (size + chunk.length > limits.maxBytes) throw tooLarge(limits.maxBytes);
          chunks.push(chunk);
        }
        reservation.raise(size + chunk.length);
        size += chunk.length;
      } catch (error) {
        done(error as Error);
      }
    };
    const onEnd = (): void => done();
    const onError = (error: Error): void =>
      done(new HttpError(400, `the body broke off: ${error.message}`));
    const onClose = (): void =>
      done(new HttpError(400, 'the connection closed before the body ended'));
    const timer = setTimeout(() => {
      done(
        new HttpError(408, `the body did not arrive within ${limits.timeoutMs} ms`, {
          Connection: 'close',
        }),
      );
    }, limits.timeoutMs);
    request.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onError);
  });
}

const gunzip = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.gunzip);
const inflateZlib = promisify<zlib.InputType, zlib.ZlibOptions, Buffer>(zlib.inflate);
/** Below, the thread pool costs more than it spares (measured). */
const SYNC_BYTES = 64 * 1024;

async function inflate(
  raw: Buffer,
  encoding: Exclude<Encoding, 'identity'>,
  maxBytes: number,
): Promise<Buffer> {
  const options = { maxOutputLength: maxBytes, chunkSize: Math.min(256 * 1024, maxBytes) };
  try {
    if (raw.length < SYNC_BYTES) {
      return encoding === 'gzip' ? zlib.gunzipSync(raw, options) : zlib.inflateSync(raw, options);
    }
    return await (encoding === 'gzip' ? gunzip(raw, options) : inflateZlib(raw, options));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new HttpError(400, `the body is not ${encoding}: ${(error as Error).message}`);
  }
}
