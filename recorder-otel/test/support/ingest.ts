/** An OTLP/HTTP receiver on a real socket, which keeps every byte it got. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodePayload, joinParts, type ReplayEvent } from '@otel-replay/protocol';
import { decodeJson, decodeProtobuf, segmentsOf, type WireSegment, type WireSpan } from './otlp.js';

export interface IngestRequest {
  body: Buffer;
  headers: IncomingMessage['headers'];
  url: string;
  spans: WireSpan[];
}

/** What the receiver does with a request instead of accepting it. */
export type Behaviour =
  'accept' | 'hang' | 'reset' | { status: number; headers?: Record<string, string> };

export class Ingest {
  readonly requests: IngestRequest[] = [];
  /** Bodies that were refused, reset or left hanging. */
  readonly refused: IngestRequest[] = [];
  behaviour: Behaviour = 'accept';
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();

  constructor() {
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1/traces`;
  }

  get spans(): WireSpan[] {
    return this.requests.flatMap(({ spans }) => spans);
  }

  /** Accepted segments in order of recording and index, without duplicates. */
  get segments(): WireSegment[] {
    const byKey = new Map<string, WireSegment>();
    for (const segment of segmentsOf(this.spans)) {
      const { recordingId, index, payload } = segment.header;
      byKey.set(`${recordingId}/${index}/${payload.partIndex ?? 0}`, segment);
    }
    return [...byKey.values()].sort((a, b) => a.header.index - b.header.index);
  }

  get recordingIds(): string[] {
    return [...new Set(this.segments.map(({ header }) => header.recordingId))];
  }

  /** The events of one recording (default: of the only one), checked to be without holes. */
  async events(recordingId?: string): Promise<ReplayEvent[]> {
    const id = recordingId ?? this.recordingIds[0];
    const segments = this.segments.filter(({ header }) => header.recordingId === id);
    const events: ReplayEvent[] = [];
    // A recording out of a buffer in the browser begins at any number.
    const first = segments[0]?.header.mode === 'buffer' ? segments[0].header.index : 0;
    const last = segments.at(-1)?.header.index ?? -1;
    for (let index = first; index <= last; index++) {
      const parts = segments
        .filter((segment) => segment.header.index === index)
        .map(({ header, data }) => ({ header: header.payload, data }));
      if (parts.length === 0) throw new Error(`segment ${index} of ${last} is missing`);
      const { header, data } = parts.length > 1 ? joinParts(parts) : parts[0]!;
      events.push(...(await decodePayload(header, data)));
    }
    return events;
  }

  /** Waits until `condition` holds, looked at after every request; the time only ends what hangs. */
  async until(condition: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!(await condition())) {
      if (Date.now() > deadline)
        throw new Error(`not within ${timeoutMs} ms: ${condition.toString()}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 50);
        this.#waiting.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*');
    response.setHeader('Access-Control-Expose-Headers', 'Retry-After');
    if (request.method === 'OPTIONS') {
      response.setHeader('Access-Control-Allow-Methods', 'POST');
      response.setHeader('Access-Control-Allow-Headers', 'content-type, x-api-key, traceparent');
      response.setHeader('Access-Control-Max-Age', '7200');
      response.writeHead(204).end();
      return;
    }
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // The page went away in the middle of it.
    }
    const body = Buffer.concat(chunks);
    const json = request.headers['content-type']?.startsWith('application/json');
    const spans = json ? decodeJson(body.toString()) : decodeProtobuf(body);
    const received = { body, headers: request.headers, url: request.url ?? '', spans };
    this.#answer(received, request, response);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #answer(received: IngestRequest, request: IncomingMessage, response: ServerResponse): void {
    const { behaviour } = this;
    if (behaviour === 'accept') {
      this.requests.push(received);
      response.writeHead(200, { 'Content-Type': request.headers['content-type'] ?? '' });
      response.end(received.headers['content-type']?.includes('json') ? '{}' : undefined);
      return;
    }
    this.refused.push(received);
    if (behaviour === 'reset') request.socket.destroy();
    else if (behaviour !== 'hang') response.writeHead(behaviour.status, behaviour.headers).end();
  }
}
