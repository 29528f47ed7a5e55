/** The snippets of the README are run as they stand there. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { fromAttributes, type AttributeValue } from './attributes.js';
import { ATTR_PAYLOAD_DATA, SEGMENT_NAME } from './names.js';
import { decodePayload } from './payload.js';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));

async function snippets(): Promise<string[]> {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  return [...readme.matchAll(/^```js\n(.*?)^```$/gms)].map((match) => match[1]!);
}

async function run(code: string, env: Record<string, string>): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import=tsx', '--conditions=otel-replay-source', '--input-type=module', '--eval', code],
    { cwd: PACKAGE, env: { ...process.env, ...env } },
  );
  return stdout;
}

interface Attribute {
  key: string;
  value: { stringValue?: string; intValue?: string; boolValue?: boolean; bytesValue?: string };
}

interface Span {
  name: string;
  traceId: string;
  attributes: Attribute[];
  events: { name: string; attributes: Attribute[] }[];
}

function valueOf({ stringValue, intValue, boolValue, bytesValue }: Attribute['value']) {
  if (intValue !== undefined) return BigInt(intValue);
  if (bytesValue !== undefined) return new Uint8Array(Buffer.from(bytesValue, 'base64'));
  return (stringValue ?? boolValue)!;
}

let server: Server | undefined;

afterEach(async () => {
  if (server === undefined) return;
  server.close();
  await once(server, 'close');
  server = undefined;
});

describe('the README', () => {
  it('shows a recorder that emits a segment by the contract', async () => {
    let posted = '';
    server = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (chunk: string) => (posted += chunk));
      request.on('end', () => response.end(`{"at":"${request.url}"}`));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

    const output = await run((await snippets())[0]!, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });

    expect(output.trim()).toBe('200 {"at":"/v1/traces"}');
    const message = JSON.parse(posted) as {
      resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
    };
    const span = message.resourceSpans[0]!.scopeSpans[0]!.spans[0]!;
    const event = span.events[0]!;
    expect([span.name, event.name]).toEqual([SEGMENT_NAME, SEGMENT_NAME]);
    const attributes = new Map<string, AttributeValue>(
      [...span.attributes, ...event.attributes].map(({ key, value }) => [key, valueOf(value)]),
    );
    const header = fromAttributes(attributes);
    expect(header.recordingId).toBe(span.traceId);
    const data = attributes.get(ATTR_PAYLOAD_DATA) as Uint8Array;
    expect(await decodePayload(header.payload, data)).toHaveLength(header.eventCount);
  });

  it('shows how to read a block', async () => {
    const block = fileURLToPath(new URL('../fixtures/block/recording.block', import.meta.url));
    const output = await run((await snippets())[1]!, { BLOCK: block });
    expect(output.trim().split('\n')).toEqual([
      'session 3f2b8c1e-5d0a-4c57-9e3b-1a2b3c4d5e6f, recording 4bf92f3577b34da6a3ce929d0e0e4736',
      'segment 0: 2 events',
      'segment 1: 2 events',
      'segment 2: 1 events',
    ]);
  });
});
