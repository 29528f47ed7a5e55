/** What process tests share: directories and processes that are gone when the test is over. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  decodePayload,
  RecordReader,
  type ReplayEvent,
  type SessionManifest,
} from '@otel-replay/protocol';
import { afterEach } from 'vitest';
import { startProcessor, type Processor, type StartOptions } from './processor.js';

export interface Harness {
  directory(): Promise<string>;
  start(options?: Partial<StartOptions>): Promise<Processor>;
  /** Runs when the test is over, last registered first. */
  onEnd(action: () => Promise<unknown>): void;
}

/** Call once per file. */
export function createHarness(): Harness {
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  const directory = async (): Promise<string> => {
    const path = await mkdtemp(join(tmpdir(), 'processor-'));
    ends.push(() => rm(path, { recursive: true, force: true }));
    return path;
  };
  return {
    directory,
    onEnd: (action) => void ends.push(action),
    start: async (options = {}) => {
      const processor = await startProcessor({ directory: await directory(), ...options });
      ends.push(() => {
        processor.kill('SIGKILL');
        return processor.exited;
      });
      return processor;
    },
  };
}

/** Asks until `check` is satisfied; what is awaited is asynchronous by design, so there is no event. */
export async function eventually<T>(
  ask: () => Promise<T>,
  check: (value: T) => boolean,
): Promise<T> {
  let value = await ask();
  for (let i = 0; i < 600 && !check(value); i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    value = await ask();
  }
  if (!check(value)) throw new Error(`never came true: ${JSON.stringify(value)}`);
  return value;
}

/** The manifest, once the session has this many segments. */
export async function manifestWith(
  api: string,
  sessionId: string,
  segments: number,
): Promise<SessionManifest> {
  const ask = async (): Promise<SessionManifest | undefined> => {
    const response = await fetch(`${api}/api/v1/sessions/${encodeURIComponent(sessionId)}`);
    return response.ok ? ((await response.json()) as SessionManifest) : undefined;
  };
  const manifest = await eventually(ask, (value) => value?.segmentCount === segments);
  if (manifest === undefined) throw new Error('unreachable');
  return manifest;
}

/** All rrweb events of a recording, by segment index. */
export async function eventsOf(
  api: string,
  sessionId: string,
  recordingId: string,
  query = '',
): Promise<Map<number, ReplayEvent[]>> {
  const path = `/api/v1/sessions/${encodeURIComponent(sessionId)}/recordings/${recordingId}/events`;
  const response = await fetch(`${api}${path}${query}`);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const reader = new RecordReader();
  const records = reader.push(new Uint8Array(await response.arrayBuffer()));
  reader.end();
  const out = new Map<number, ReplayEvent[]>();
  for (const record of records) {
    if (record.kind !== 'segment') throw new Error(`a ${record.kind} record among segments`);
    const { index, payload } = record.header;
    out.set(index, await decodePayload(payload, record.payload));
  }
  return out;
}
