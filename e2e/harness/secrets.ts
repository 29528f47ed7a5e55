/** Looks for what must not be there: in raw bytes, and in every payload once it is inflated. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, inflateRawSync } from 'node:zlib';
import { decodeBlock, decodePayload, decodeRecord } from '@otel-replay/protocol';
import type { ReplayRecord, SegmentHeader } from '@otel-replay/protocol';
import { segmentsOfRequest } from './otlp.js';
import type { Exchange } from './recording-proxy.js';

export interface Finding {
  secret: string;
  where: string;
}

export interface Search {
  findings: Finding[];
  /** How many payloads were inflated and read: 0 would prove nothing. */
  payloads: number;
  bytes: number;
}

/** Everything a browser sent: request lines, headers and bodies, raw and decoded. */
export async function searchExchanges(
  exchanges: readonly Exchange[],
  secrets: readonly string[],
): Promise<Search> {
  const search: Search = { findings: [], payloads: 0, bytes: 0 };
  for (const [i, exchange] of exchanges.entries()) {
    const where = `request ${i} ${exchange.method} ${exchange.path}`;
    look(search, secrets, where, Buffer.from([exchange.path, ...exchange.headers].join('\n')));
    look(search, secrets, where, exchange.body);
    if (exchange.method !== 'POST') continue;
    for (const segment of segmentsOfRequest(exchange.body)) {
      const { header, payload } = segment;
      await lookAtEvents(search, secrets, `${where}, segment ${header.index}`, header, payload);
    }
  }
  return search;
}

/** Every file below `directory`, raw; blocks and journals record by record. */
export async function searchDirectory(
  directory: string,
  secrets: readonly string[],
): Promise<Search> {
  const search: Search = { findings: [], payloads: 0, bytes: 0 };
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    look(search, secrets, path, bytes);
    for (const record of recordsOf(path, bytes)) await lookInside(search, secrets, path, record);
  }
  return search;
}

function recordsOf(path: string, bytes: Uint8Array): ReplayRecord[] {
  if (path.endsWith('.block')) return decodeBlock(bytes).records;
  const records: ReplayRecord[] = [];
  if (!path.endsWith('.log') || bytes.subarray(0, 4).toString() !== Buffer.from('SRJL').toString())
    return records;
  for (let at = 8; at < bytes.length;) {
    const { record, length } = decodeRecord(bytes, at);
    records.push(record);
    at += length;
  }
  return records;
}

async function lookInside(
  search: Search,
  secrets: readonly string[],
  path: string,
  record: ReplayRecord,
): Promise<void> {
  if (record.kind === 'segment' && record.header.payload.partCount === undefined) {
    await lookAtEvents(search, secrets, `${path}, segment`, record.header, record.payload);
  } else if (record.payload[0] === 0x1f && record.payload[1] === 0x8b) {
    look(search, secrets, `${path}, ${record.kind}`, gunzipSync(record.payload));
  }
}

/** In the inflated bytes, and in the JSON of the events that they stand for. */
async function lookAtEvents(
  search: Search,
  secrets: readonly string[],
  where: string,
  { payload }: SegmentHeader,
  data: Uint8Array,
): Promise<void> {
  search.payloads++;
  look(search, secrets, `${where}, inflated`, inflate(payload.encoding, data));
  const events = await decodePayload(payload, data);
  look(search, secrets, `${where}, decoded`, Buffer.from(JSON.stringify(events)));
}

function inflate(encoding: string, data: Uint8Array): Buffer {
  if (encoding === 'gzip') return gunzipSync(data);
  return encoding === 'deflate-raw' ? inflateRawSync(data) : Buffer.from(data);
}

/** As it was typed, without its spaces, percent-encoded; in UTF-8 and UTF-16. */
function look(search: Search, secrets: readonly string[], where: string, bytes: Buffer): void {
  search.bytes += bytes.length;
  for (const secret of secrets) {
    const forms = [secret, secret.replaceAll(/\s/g, ''), encodeURIComponent(secret)];
    if (forms.some((form) => bytes.includes(form) || bytes.includes(form, 0, 'utf16le'))) {
      search.findings.push({ secret, where });
    }
  }
}
