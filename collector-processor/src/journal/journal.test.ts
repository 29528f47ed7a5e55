import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { decodeRecord, encodeRecord, type ReplayRecord } from '@otel-replay/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  describeWithDisks,
  mountSmallDisk,
  type SmallDisk,
} from '../../test/support/small-disk.js';
import { OverloadedError } from '../receive/sink.js';
import {
  DirectoryLockedError,
  openJournal,
  ReleasedError,
  type Journal,
  type JournalOptions,
  type Position,
} from './journal.js';

let directory: string;
const open: Journal[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'journal-'));
});
afterEach(async () => {
  for (const journal of open.splice(0)) await journal.stop();
  await rm(directory, { recursive: true, force: true });
});

async function start(
  options: Partial<JournalOptions> = {},
): Promise<{ journal: Journal; found: { position: Position; name: string }[] } & Report> {
  const journal = await openJournal({ directory, ...options });
  open.push(journal);
  const found: { position: Position; name: string }[] = [];
  const report = await journal.replay((position, record) =>
    found.push({ position, name: nameOf(record) }),
  );
  return { journal, found, report };
}
interface Report {
  report: Awaited<ReturnType<Journal['replay']>>;
}

function record(name: string, bytes = 20): Uint8Array {
  return encodeRecord({
    kind: 'signal',
    header: { sessionId: 's', kind: 'manual', timestamp: 1, origin: 'browser', name },
    payload: new Uint8Array(bytes),
  });
}

function nameOf(r: ReplayRecord): string {
  return r.kind === 'signal' ? (r.header.name ?? '') : r.kind;
}

const logs = async (): Promise<string[]> =>
  (await readdir(join(directory, 'journal'))).filter((n) => n.endsWith('.log'));

describe('journal', () => {
  it('reads back what was appended, in this run and the next', async () => {
    const { journal } = await start();
    const positions = await Promise.all(
      Array.from({ length: 50 }, (_, i) => journal.append(record(`r${i}`, i * 100))),
    );
    for (const [i, position] of positions.entries()) {
      const { record: r } = decodeRecord(await journal.read(position));
      expect(nameOf(r)).toBe(`r${i}`);
    }
    await journal.stop();
    const next = await start({ fsync: 'group' });
    expect(next.found.map((f) => f.name)).toEqual(positions.map((_, i) => `r${i}`));
    expect(next.report).toEqual({ records: 50, tornFiles: 0, corruptFiles: 0 });
    expect(next.found.map((f) => f.position)).toEqual(positions);
  });

  it('deletes files whole, when all in them is released, and never replays what is', async () => {
    const { journal } = await start({ maxFileBytes: 1000 });
    const positions: Position[] = [];
    for (let i = 0; i < 30; i++) positions.push(await journal.append(record(`r${i}`, 100)));
    const before = (await logs()).length;
    expect(before).toBeGreaterThan(4);
    journal.release(positions.slice(0, 20));
    await journal.flushReleases();
    expect((await logs()).length).toBeLessThan(before / 2);
    await expect(journal.read(positions[0]!)).rejects.toBeInstanceOf(ReleasedError);
    journal.release([positions[25]!]);
    await journal.stop();
    const { found, journal: second } = await start();
    expect(found.map((f) => f.name)).toEqual(
      [20, 21, 22, 23, 24, 26, 27, 28, 29].map((i) => `r${i}`),
    );
    second.release(found.map((f) => f.position));
    await second.stop();
    expect(await readdir(join(directory, 'journal'))).toEqual([]);
  });

  it('refuses what does not fit, until something is released', async () => {
    const { journal } = await start({ maxBytes: 4000 });
    const positions: Position[] = [];
    await expect(
      (async () => {
        for (;;) positions.push(await journal.append(record('x', 100)));
      })(),
    ).rejects.toBeInstanceOf(OverloadedError);
    expect(journal.bytes).toBeLessThanOrEqual(4000);
    journal.release(positions);
    await journal.flushReleases();
    await journal.append(record('y', 100));
  });

  it('keeps every whole record when the file is cut at any byte', async () => {
    const { journal } = await start();
    const ends: number[] = [];
    for (let i = 0; i < 4; i++) {
      const { offset, length } = await journal.append(record(`r${i}`, i * 10));
      ends.push(offset + length);
    }
    await journal.stop();
    const [log] = await logs();
    const path = join(directory, 'journal', log!);
    const bytes = await readFile(path);
    for (let cut = 0; cut <= bytes.length; cut++) {
      await writeFile(path, bytes.subarray(0, cut));
      const { found, report, journal: j } = await start();
      const whole = ends.filter((end) => end <= cut).length;
      expect(found.map((f) => f.name)).toEqual(['r0', 'r1', 'r2', 'r3'].slice(0, whole));
      expect(report.tornFiles).toBe(cut === 8 || ends.includes(cut) ? 0 : 1);
      await j.append(record('after'));
      await j.stop();
      for (const name of await logs()) await rm(join(directory, 'journal', name));
    }
  });

  it('gives up the rest of a file from a damaged record on, and says so', async () => {
    const { journal } = await start();
    const positions: Position[] = [];
    for (let i = 0; i < 4; i++) positions.push(await journal.append(record(`r${i}`)));
    await journal.stop();
    const path = join(directory, 'journal', (await logs())[0]!);
    const bytes = await readFile(path);
    bytes[positions[2]!.offset + 30]! ^= 1;
    await writeFile(path, bytes);
    const { found, report } = await start();
    expect(found.map((f) => f.name)).toEqual(['r0', 'r1']);
    expect(report).toEqual({ records: 2, tornFiles: 0, corruptFiles: 1 });
  });

  it('finds records larger than what it reads at once', async () => {
    const { journal } = await start();
    await journal.append(record('big', 3_000_000));
    await journal.append(record('small'));
    await journal.stop();
    expect((await start()).found.map((f) => f.name)).toEqual(['big', 'small']);
  });

  it('has every acknowledged record after kill -9', async () => {
    const script = join(import.meta.dirname, 'append-forever.ts');
    const acknowledged = new Set<string>();
    for (let round = 0; round < 2; round++) {
      const child = spawn(
        process.execPath,
        ['--conditions=otel-replay-source', '--import', 'tsx', script, directory, `${round}`],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const lines = createInterface({ input: child.stdout });
      for await (const line of lines) {
        acknowledged.add(line);
        if (acknowledged.size > 300 * (round + 1)) child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      expect(child.signalCode).toBe('SIGKILL');
    }
    const { found, report } = await start();
    const names = new Set(found.map((f) => f.name));
    expect([...acknowledged].filter((name) => !names.has(name))).toEqual([]);
    expect(report.corruptFiles).toBe(0);
    expect(acknowledged.size).toBeGreaterThan(600);
  });
});

describe('the lock of the data directory', () => {
  it('keeps a second journal out while the first lives', async () => {
    const { journal } = await start();
    await expect(openJournal({ directory })).rejects.toBeInstanceOf(DirectoryLockedError);
    await expect(openJournal({ directory })).rejects.toThrow(/in use by process/);
    const { instanceId } = journal;
    await journal.stop();
    expect((await start()).journal.instanceId).toBe(instanceId);
  });

  it('is taken over from the dead, even where another process has their pid now', async () => {
    const { journal } = await start();
    const lock = join(directory, 'lock');
    const text = await readFile(lock, 'utf8');
    await journal.stop();
    for (const stale of [
      JSON.stringify({ pid: 2 ** 22 + 1 }), // beyond what Linux gives out
      text.replace(/"startTime":"\d+"/, '"startTime":"1"'),
      'not even JSON',
      '',
    ]) {
      await writeFile(lock, stale);
      const next = await start();
      await next.journal.stop();
    }
    expect(await readdir(directory)).not.toContain('lock');
  });
});

describe('a journal with little room', () => {
  const payload = (i: number): Uint8Array => record(`r${i}`, 900);

  /** Fills it, then lets all go but every tenth. */
  async function fill(journal: Journal, count: number): Promise<Position[]> {
    const positions: Position[] = [];
    for (let i = 0; i < count; i++) positions.push(await journal.append(payload(i)));
    journal.release(positions.filter((_, i) => i % 10 !== 0));
    await journal.flushReleases();
    return positions.filter((_, i) => i % 10 === 0);
  }

  it('moves the few records that keep whole files, and readers do not notice', async () => {
    const { journal } = await start({ maxBytes: 100_000 });
    const kept = await fill(journal, 90);
    expect(journal.bytes).toBeLessThan(75_000);
    expect(journal.liveBytes).toBe(kept.reduce((sum, p) => sum + p.length, 0));
    // Eight times what fits without moving anything.
    for (let round = 0; round < 40; round++) {
      const more = await fill(journal, 20);
      journal.release(more);
      await journal.flushReleases();
    }
    const names = await Promise.all(
      kept.map(async (p) => nameOf(decodeRecord(await journal.read(p)).record)),
    );
    expect(names).toEqual(kept.map((_, i) => `r${i * 10}`));
    await journal.stop();
    const next = await start({ maxBytes: 100_000 });
    expect(next.found.map((f) => f.name).sort()).toEqual([...names].sort());
    expect(next.report).toMatchObject({ tornFiles: 0, corruptFiles: 0 });
  });

  it('moves nothing that is released while it is moved, and releases what was moved', async () => {
    const { journal } = await start({ maxBytes: 100_000 });
    const positions: Position[] = [];
    for (let i = 0; i < 90; i++) positions.push(await journal.append(payload(i)));
    journal.release(positions.filter((_, i) => i % 10 !== 0));
    const flushed = journal.flushReleases();
    const rest = positions.filter((_, i) => i % 10 === 0);
    for (const position of rest) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      journal.release([position]);
      journal.release([position]); // a second time says nothing new
    }
    await flushed;
    await journal.flushReleases();
    expect(journal.liveBytes).toBe(0);
    await journal.stop();
    expect((await start({ maxBytes: 100_000 })).found).toEqual([]);
  });

  it('finds room to move records when it is full to the brim', async () => {
    const { journal } = await start({ maxBytes: 100_000 });
    const positions: Position[] = [];
    const fillUp = async (): Promise<never> => {
      for (let i = 0; ; i++) positions.push(await journal.append(payload(i)));
    };
    await expect(fillUp()).rejects.toMatchObject({ shortage: 'journal' });
    journal.release(positions.filter((_, i) => i % 10 !== 0));
    await journal.flushReleases();
    expect(journal.bytes).toBeLessThan(75_000);
    await fillUp().catch(() => undefined);
    for (let i = 0; i < 90; i += 10) {
      expect(nameOf(decodeRecord(await journal.read(positions[i]!)).record)).toBe(`r${i}`);
    }
  });

  it('does not move what nearly all lives, nor where room is not scarce', async () => {
    const { journal } = await start({ maxBytes: 1_000_000 });
    const kept = await fill(journal, 90);
    const before = kept.map((p) => ({ ...p }));
    await journal.flushReleases();
    expect(kept).toEqual(before);
  });
});

describeWithDisks('a journal on a full disk', () => {
  let disk: SmallDisk;
  beforeEach(async () => {
    disk = await mountSmallDisk(4);
    directory = disk.directory;
  });
  afterEach(() => disk.remove());

  it('knows how much room there is, refuses before there is none, and recovers alone', async () => {
    const { journal } = await start({ maxBytes: 16 * 1024 * 1024 });
    await journal.measureCapacity();
    expect(journal.capacity).toBeGreaterThan(2_000_000);
    expect(journal.capacity).toBeLessThan(4 * 1024 * 1024);
    const ballast = join(directory, 'ballast');
    await writeFile(ballast, new Uint8Array(4_000_000));
    await journal.measureCapacity();
    await expect(journal.append(record('x', 1000))).rejects.toMatchObject({ shortage: 'disk' });
    await rm(ballast);
    await journal.measureCapacity();
    await journal.append(record('y', 1000));
  });

  it('acknowledges nothing that it could not write, and writes again when there is room', async () => {
    const { journal } = await start({ maxBytes: 16 * 1024 * 1024 });
    const acknowledged: string[] = [];
    let refused = 0;
    for (let i = 0; i < 60; i++) {
      await journal.append(record(`r${i}`, 100_000)).then(
        () => acknowledged.push(`r${i}`),
        (error: unknown) => {
          expect(error).toMatchObject({ name: 'OverloadedError', shortage: 'disk' });
          refused++;
        },
      );
    }
    expect(acknowledged.length).toBeGreaterThan(20);
    expect(refused).toBeGreaterThan(10);
    expect((await logs()).length).toBeLessThan(10); // no empty files pile up
    await journal.stop();
    const next = await start({ maxBytes: 16 * 1024 * 1024 });
    expect(next.found.map((f) => f.name)).toEqual(acknowledged);
    next.journal.release(next.found.map((f) => f.position));
    await next.journal.flushReleases();
    await next.journal.measureCapacity();
    await next.journal.append(record('again', 100_000));
  });
});
