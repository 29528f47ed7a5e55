import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { generate } from '../fixtures/generate.js';
import { inColumns } from '../fixtures/recording.js';
import type { BlockExpectation, Expectation, FixtureIndex } from '../fixtures/types.js';
import { decodeBlock } from './block.js';
import { decodeColumnar } from './columnar/decoder.js';
import { decodePayload } from './payload.js';
import type { ReplayEvent } from './segment.js';

const FOLDER = new URL('../fixtures/', import.meta.url);
const SOURCE = /\.ts$|^README\.md$/;

async function json<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(new URL(path, FOLDER), 'utf8')) as T;
}

async function committed(): Promise<Map<string, Uint8Array>> {
  const entries = await readdir(FOLDER, { recursive: true, withFileTypes: true });
  const files = new Map<string, Uint8Array>();
  for (const entry of entries.filter((e) => e.isFile() && !SOURCE.test(e.name))) {
    const path = join(entry.parentPath, entry.name);
    files.set(relative(fileURLToPath(FOLDER), path).replaceAll(sep, '/'), await readFile(path));
  }
  return files;
}

describe('the golden files', () => {
  it('are what the generator writes', async () => {
    const files = await committed();
    const generated = generate();
    expect([...files.keys()].sort()).toEqual([...generated.keys()].sort());
    for (const [path, bytes] of generated) {
      expect(Buffer.compare(files.get(path)!, bytes), `${path} is stale`).toBe(0);
    }
  });

  it('stay small', async () => {
    const sizes = [...(await committed()).values()].map((bytes) => bytes.length);
    expect(sizes.reduce((a, b) => a + b)).toBeLessThan(180_000);
  });

  it('are all in the index, and the index names no others', async () => {
    const index = await json<FixtureIndex>('index.json');
    const named = index.fixtures.flatMap((fixture) => [
      ...(fixture.expected === null ? [] : [fixture.expected]),
      ...fixture.bodies.flatMap(({ file, forward }) =>
        forward === null || forward === 'same' ? [file] : [file, forward],
      ),
    ]);
    named.push(...index.columnar.flatMap(({ events, file }) => [events, file]));
    named.push('index.json', index.events, index.block.file, index.block.expected);
    expect(named.sort()).toEqual([...(await committed()).keys()].sort());
    expect(new Set(index.fixtures.map((f) => `${f.signal} ${f.name}`)).size).toBe(
      index.fixtures.length,
    );
  });

  it('hold in their expectations the sums of the events', async () => {
    const index = await json<FixtureIndex>('index.json');
    const events = await json<ReplayEvent[][]>(index.events);
    const sums = events.map((e) => sha256(JSON.stringify(e)));
    for (const { expected } of index.fixtures) {
      if (expected === null) continue;
      for (const decoded of (await json<Expectation>(expected)).decoded) {
        expect(decoded.eventsSha256).toBe(sums[decoded.index]);
      }
    }
  });
});

describe('the golden columns', () => {
  it('are read as their events, and written the same', async () => {
    const { columnar } = await json<FixtureIndex>('index.json');
    expect(columnar.length).toBeGreaterThan(4);
    for (const { file, events: eventsFile } of columnar) {
      const events = await json<ReplayEvent[]>(eventsFile);
      const bytes = await readFile(new URL(file, FOLDER));
      expect(decodeColumnar(bytes, bytes.length * 100)).toEqual(events);
      expect(Buffer.compare(bytes, inColumns(events)), file).toBe(0);
    }
  });
});

describe('the golden block', () => {
  it('is read as expected', async () => {
    const index = await json<FixtureIndex>('index.json');
    const expected = await json<BlockExpectation>(index.block.expected);
    const events = await json<ReplayEvent[][]>(index.events);
    const { footer, records } = decodeBlock(await readFile(new URL(index.block.file, FOLDER)));
    expect(footer).toEqual(expected.footer);
    expect(records.map(({ kind, header }) => ({ kind, header }))).toEqual(
      expected.records.map(({ kind, header }) => ({ kind, header })),
    );
    expect(records.map((r) => sha256(r.payload))).toEqual(
      expected.records.map((r) => r.payloadSha256),
    );
    for (const record of records) {
      if (record.kind !== 'segment') continue;
      const { index: i, payload } = record.header;
      expect(await decodePayload(payload, record.payload)).toEqual(events[i]);
    }
  });
});

function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
