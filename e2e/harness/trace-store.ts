/** An OTLP server where Tempo and Loki would be: it takes everything, and remembers every byte. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { LogsRequest, TraceRequest } from '../../collector-processor/test/otlp/schema.js';

/** A message with all its fields, bytes in base64, comparable with `toEqual`. */
export type Message = Record<string, unknown>;

/** One span, with the Resource and the scope it came with. */
export interface StoredSpan {
  spanId: string;
  name: string;
  whole: Message;
}

interface ResourceItems {
  resource: Message;
  schemaUrl: string;
  [items: string]: unknown;
}

const AS_JSON = { longs: String, bytes: String, defaults: true } as const;

export class TraceStore {
  /** Bodies as they came, decompressed. */
  readonly bodies: Buffer[] = [];
  readonly #spans: StoredSpan[] = [];
  readonly #logs: Message[] = [];
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#take(request).then(
        () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end(),
        (error: unknown) => response.writeHead(400).end(String(error)),
      );
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** In order of arrival, repetitions included. */
  get spans(): readonly StoredSpan[] {
    return this.#spans;
  }

  /** Log records, in order of arrival. */
  get logs(): readonly Message[] {
    return this.#logs;
  }

  /** Whether these bytes came anywhere in a body, plain or in base64. */
  has(bytes: Uint8Array): boolean {
    const plain = Buffer.from(bytes);
    // Base64 of something inside a longer text depends on where it begins, in steps of three.
    const needles = [plain, ...[0, 1, 2].map((skip) => encoded(plain.subarray(skip)))];
    return this.bodies.some((body) => needles.some((needle) => body.includes(needle)));
  }

  async #take(request: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    this.bodies.push(body);
    const isJson = request.headers['content-type'] === 'application/json';
    if (request.url === '/v1/traces') {
      this.#spans.push(...(isJson ? spansOfJson : spansOf)(body));
    } else if (request.url === '/v1/logs' && !isJson) this.#logs.push(...logsOf(body));
    else throw new Error(`nothing is at ${request.url ?? ''}`);
  }
}

/** The spans of an `ExportTraceServiceRequest` in protobuf. */
export function spansOf(body: Uint8Array): StoredSpan[] {
  const request = TraceRequest.toObject(TraceRequest.decode(body), AS_JSON);
  return items(request['resourceSpans'], 'scopeSpans', 'spans').map((whole) => {
    const span = whole['item'] as { spanId: string; name: string };
    return { spanId: span.spanId, name: span.name, whole };
  });
}

/** The processor's own spans come in JSON, ids in hex. */
function spansOfJson(body: Buffer): StoredSpan[] {
  const request = JSON.parse(body.toString()) as Message;
  return items(request['resourceSpans'], 'scopeSpans', 'spans').map((whole) => {
    const { spanId, name } = whole['item'] as { spanId: string; name: string };
    return { spanId: Buffer.from(spanId, 'hex').toString('base64'), name, whole };
  });
}

function logsOf(body: Uint8Array): Message[] {
  const request = LogsRequest.toObject(LogsRequest.decode(body), AS_JSON);
  return items(request['resourceLogs'], 'scopeLogs', 'logRecords');
}

function items(resources: unknown, scopesKey: string, itemsKey: string): Message[] {
  return (resources as ResourceItems[]).flatMap(({ resource, schemaUrl, [scopesKey]: scopes }) =>
    (scopes as Record<string, unknown>[]).flatMap((scope) =>
      (scope[itemsKey] as Message[]).map((item) => ({
        resource,
        schemaUrl,
        scope: scope['scope'],
        scopeSchemaUrl: scope['schemaUrl'],
        item,
      })),
    ),
  );
}

/** Whole groups of three only: what follows would change the last letters. */
function encoded(bytes: Buffer): Buffer {
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 3));
  return Buffer.from(whole.toString('base64'));
}
