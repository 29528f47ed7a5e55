import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeRecord, type ReplayRecord } from '@otel-replay/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openJournal } from '../journal/journal.js';
import { lockDirectory } from '../journal/lock.js';
import { silentLogger } from '../telemetry/logger.js';
import { takeUpAlone, takeUpForWorkers } from './take-up.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'take-up-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const at = (worker: number): string => join(directory, 'workers', String(worker));

function signal(name: string): Uint8Array {
  const record: ReplayRecord = {
    kind: 'signal',
    payload: new Uint8Array(),
    header: { sessionId: 's', kind: 'error_span', timestamp: 1, origin: 'backend', name },
  };
  return encodeRecord(record);
}

/** Leaves a journal with these records, of which those that begin with `done` are done with. */
async function leave(path: string, ...names: string[]): Promise<void> {
  const journal = await openJournal({ directory: path });
  await journal.replay(() => undefined);
  const positions = await journal.appendAll(names.map(signal));
  journal.release(positions.filter((_, i) => names[i]!.startsWith('done')));
  await journal.flushReleases();
  await journal.stop();
}

async function recordsIn(path: string): Promise<string[]> {
  const journal = await openJournal({ directory: path });
  const names: string[] = [];
  await journal.replay((_, { header }) => names.push((header as { name: string }).name));
  await journal.stop();
  return names;
}

async function queue(path: string, ...bodies: string[]): Promise<void> {
  await mkdir(join(path, 'queue'), { recursive: true });
  for (const [i, body] of bodies.entries()) {
    const name = `${String(i).padStart(12, '0')}-traces-pb-1-${body.length}.otlp`;
    await writeFile(join(path, 'queue', name), body);
  }
}

const queued = (path: string): Promise<string[]> => readdir(join(path, 'queue'));

describe('a single process', () => {
  it('takes up what workers left, behind what it has, without what was done with', async () => {
    await leave(directory, 'mine');
    await leave(at(1), 'one', 'done one');
    await leave(at(2), 'done two', 'two', 'three');
    await queue(directory, 'q');
    await queue(at(2), 'qq', 'qqq');
    await takeUpAlone(directory, silentLogger);
    expect(await recordsIn(directory)).toEqual(['mine', 'one', 'two', 'three']);
    expect(await queued(directory)).toEqual([
      '000000000000-traces-pb-1-1.otlp',
      '000000000001-traces-pb-1-2.otlp',
      '000000000002-traces-pb-1-3.otlp',
    ]);
    expect(await readdir(directory)).not.toContain('workers');
  });

  it('leaves the directory of a running supervisor alone', async () => {
    await leave(at(1), 'one');
    const lock = await lockDirectory(directory);
    await expect(takeUpAlone(directory, silentLogger)).rejects.toThrow('is in use by process');
    await lock.release();
    expect(await recordsIn(at(1))).toEqual(['one']);
  });

  it('does nothing where there were no workers', async () => {
    await takeUpAlone(join(directory, 'new'), silentLogger);
    expect(await readdir(directory)).toEqual([]);
  });
});

describe('workers', () => {
  it('take up what a single process and more workers left, each a part', async () => {
    await leave(directory, 'single');
    for (const worker of [1, 2, 3, 4, 5]) await leave(at(worker), `of ${worker}`);
    await queue(directory, 'q');
    await takeUpForWorkers(directory, 2, silentLogger);
    expect(await recordsIn(at(1))).toEqual(['of 1', 'single', 'of 4']);
    expect(await recordsIn(at(2))).toEqual(['of 2', 'of 3', 'of 5']);
    expect(await recordsIn(directory)).toEqual([]);
    expect(await queued(at(1))).toHaveLength(1);
    expect(await queued(directory)).toEqual([]);
    expect((await readdir(join(directory, 'workers'))).sort()).toEqual(['1', '2']);
  });

  it('finish what a crash interrupted between a file and its marks', async () => {
    await leave(directory, 'kept', 'done');
    await mkdir(join(at(1), 'journal'), { recursive: true });
    await writeFile(join(at(1), 'journal', '0000000001.released'), '');
    await takeUpForWorkers(directory, 1, silentLogger);
    expect(await recordsIn(at(1))).toEqual(['kept']);
  });

  it('wait for those of a supervisor that was killed', async () => {
    await leave(at(3), 'three');
    const orphan = await lockDirectory(at(3));
    const taken = takeUpForWorkers(directory, 1, silentLogger);
    await orphan.release();
    await taken;
    expect(await recordsIn(at(1))).toEqual(['three']);
  });
});
