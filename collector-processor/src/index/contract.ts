/** What every index must do. Run it against each implementation. */
import {
  blockKey,
  decodeFooter,
  encodeBlock,
  type ReplayRecord,
  type SegmentHeader,
  type SessionSummary,
} from '@otel-replay/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { IndexedBlock, SessionIndex } from './index.js';

const id = (n: number): string => n.toString(16).padStart(32, '0');

export interface BlockSpec extends Partial<SegmentHeader> {
  first: number;
  count: number;
  more?: ReplayRecord[];
}

/** A block with its bytes, so that it can also be put in a store. */
export function makeBlock(spec: BlockSpec): IndexedBlock & { content: Uint8Array } {
  const { first, count, more = [], ...header } = spec;
  const sessionId = header.sessionId ?? 's1';
  const recordingId = header.recordingId ?? id(1);
  const time = (i: number): number => (header.firstTimestamp ?? 1_700_000_000_000) + i * 1000;
  const records: ReplayRecord[] = Array.from({ length: count }, (_, i) => ({
    kind: 'segment',
    payload: new Uint8Array(10),
    header: {
      checkpoint: 1,
      hasFullSnapshot: i === 0,
      eventCount: 1,
      mode: 'stream',
      traceIds: [],
      droppedTraceIds: 0,
      errorCount: 0,
      clickCount: 1,
      rageClickCount: 0,
      droppedEvents: 0,
      payload: {
        encoding: 'identity',
        format: 'rrweb',
        formatVersion: '2',
        size: 10,
        uncompressedSize: 10,
      },
      ...header,
      sessionId,
      recordingId,
      index: first + i,
      firstTimestamp: time(first + i),
      lastTimestamp: time(first + i) + 999,
    },
  }));
  const content = encodeBlock([...records, ...more]);
  const key = blockKey({
    sessionId,
    recordingId,
    firstIndex: first,
    lastIndex: first + count - 1,
    firstTimestamp: time(first),
    lastTimestamp: time(first + count - 1) + 999,
    checkpoint: true,
    instance: 'test',
  });
  return { key, bytes: content.length, footer: decodeFooter(content), content };
}

export function makeSummary(sessionId: string, more: Partial<SessionSummary> = {}): SessionSummary {
  return {
    version: 1,
    sessionId,
    firstTimestamp: 0,
    lastTimestamp: 0,
    state: 'active',
    serviceNames: [],
    urls: [],
    recordingCount: 0,
    segmentCount: 0,
    bytes: 0,
    errorCount: 0,
    clickCount: 0,
    rageClickCount: 0,
    traceCount: 0,
    decision: { policy: 'everything', reason: 'r', decidedAt: 1, keepUntil: 2 },
    ...more,
  };
}

/** @param makeIndex a fresh, empty index that is not started */
export function indexContract(
  name: string,
  makeIndex: () => SessionIndex | Promise<SessionIndex>,
): void {
  describe(`index contract: ${name}`, () => {
    let index: SessionIndex;
    beforeEach(async () => {
      index = await makeIndex();
      expect(await index.start()).toEqual({ rebuild: true });
      await index.rebuild(() => Promise.resolve());
    });
    afterEach(() => index.stop());

    const ids = async (query: Partial<Parameters<SessionIndex['list']>[0]>): Promise<string[]> =>
      (await index.list({ limit: 100, ...query })).sessions.map((s) => s.sessionId);

    it('derives a session from its blocks, counting what is in two of them once', async () => {
      await index.putSession(makeSummary('s1'));
      await index.putBlock(makeBlock({ first: 4, count: 3, url: 'https://shop/b' }));
      await index.putBlock(makeBlock({ first: 0, count: 5, url: 'https://shop/a', userId: 'ann' }));
      const found = await index.session('s1');
      expect(found?.blocks.map((b) => b.footer.entries.length)).toEqual([5, 3]);
      expect(found?.summary).toMatchObject({
        segmentCount: 7,
        clickCount: 7,
        bytes: 70,
        userId: 'ann',
        urls: ['https://shop/a', 'https://shop/b'],
        firstTimestamp: 1_700_000_000_000,
        lastTimestamp: 1_700_000_006_999,
        state: 'active',
        decision: { policy: 'everything' },
      });
      expect(await index.session('s2')).toBeUndefined();
    });

    it('replaces a block that is put again', async () => {
      const block = makeBlock({ first: 0, count: 2 });
      await index.putBlock(block);
      await index.putBlock({ ...block, bytes: 12345 });
      expect((await index.session('s1'))?.blocks.map((b) => b.bytes)).toEqual([12345]);
    });

    it('forgets blocks that a larger one took the place of', async () => {
      const [one, two] = [makeBlock({ first: 0, count: 1 }), makeBlock({ first: 1, count: 1 })];
      const whole = makeBlock({ first: 0, count: 2, traceIds: [id(7)] });
      const other = makeBlock({ sessionId: 's2', first: 0, count: 1 });
      for (const block of [one, two, whole, other]) await index.putBlock(block);
      for (let i = 0; i < 2; i++) await index.removeBlocks('s1', [one.key, two.key, other.key]);
      expect((await index.session('s1'))?.blocks.map((b) => b.key)).toEqual([whole.key]);
      expect((await index.session('s1'))?.summary).toMatchObject({ segmentCount: 2 });
      expect((await index.session('s2'))?.blocks).toHaveLength(1);
      expect(await index.sessionsOfTrace(id(7))).toEqual([{ sessionId: 's1' }]);
    });

    it('finds sessions by the traces of segments and of spans', async () => {
      const spans: ReplayRecord = {
        kind: 'spans',
        payload: new Uint8Array(3),
        header: {
          sessionId: 's1',
          contentType: 'application/json',
          firstTimestamp: 1,
          lastTimestamp: 2,
          spanCount: 1,
          traceIds: [id(8)],
        },
      };
      await index.putBlock(makeBlock({ first: 0, count: 1, traceIds: [id(7)], more: [spans] }));
      await index.putBlock(
        makeBlock({ first: 0, count: 1, sessionId: 's2', recordingId: id(2), traceIds: [id(7)] }),
      );
      expect(await index.sessionsOfTrace(id(7))).toEqual([
        { sessionId: 's1' },
        { sessionId: 's2' },
      ]);
      expect(await index.sessionsOfTrace(id(8))).toEqual([{ sessionId: 's1' }]);
      expect(await index.sessionsOfTrace(id(9))).toEqual([]);
    });

    it('lists newest first, in pages that neither repeat nor miss', async () => {
      for (let i = 0; i < 25; i++) {
        const firstTimestamp = 1_700_000_000_000 + Math.floor(i / 2) * 1000;
        await index.putBlock(
          makeBlock({ first: 0, count: 1, sessionId: `s${i}`, recordingId: id(i), firstTimestamp }),
        );
      }
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await index.list({ limit: 7, ...(cursor === undefined ? {} : { cursor }) });
        seen.push(...page.sessions.map((s) => s.sessionId));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(seen).toHaveLength(25);
      expect(new Set(seen).size).toBe(25);
      expect(seen[0]).toBe('s24');
      await expect(index.list({ limit: 1, cursor: 'nonsense' })).rejects.toThrow(/cursor/);
    });

    it('filters by service, user, part of a URL, errors and time', async () => {
      const at = 1_700_000_000_000;
      const block = (n: number, more: Partial<SegmentHeader>): IndexedBlock =>
        makeBlock({ first: 0, count: 1, sessionId: `s${n}`, recordingId: id(n), ...more });
      await index.putBlock(
        block(1, { serviceName: 'web', userId: 'ann', url: 'https://shop/Cart', errorCount: 2 }),
      );
      await index.putBlock(
        block(2, { serviceName: 'web-2', userHash: 'h', firstTimestamp: at + 1e6 }),
      );
      expect(await ids({})).toEqual(['s2', 's1']);
      expect(await ids({ service: 'web' })).toEqual(['s1']);
      expect(await ids({ user: 'ann' })).toEqual(['s1']);
      expect(await ids({ user: 'h' })).toEqual(['s2']);
      expect(await ids({ url: 'shop/cart' })).toEqual(['s1']);
      expect(await ids({ url: '%' })).toEqual([]);
      expect(await ids({ error: true })).toEqual(['s1']);
      expect(await ids({ error: false })).toEqual(['s2']);
      expect(await ids({ from: at + 5000 })).toEqual(['s2']);
      expect(await ids({ to: at + 5000 })).toEqual(['s1']);
      expect(await ids({ from: at + 500, to: at + 600 })).toEqual(['s1']);
      expect(await index.sessionsOfUser('ann')).toEqual(['s1']);
      expect(await index.sessionsOfUser('h')).toEqual(['s2']);
    });

    it('knows which sessions have not ended', async () => {
      await index.putSession(makeSummary('s1'));
      await index.putSession(makeSummary('s2', { state: 'ended' }));
      expect(await index.activeSessions()).toEqual(['s1']);
      await index.putSession(makeSummary('s1', { state: 'ended' }));
      expect(await index.activeSessions()).toEqual([]);
    });

    it('remembers what is gone, and takes nothing of it any more', async () => {
      await index.putBlock(makeBlock({ first: 0, count: 1, traceIds: [id(7)], userId: 'ann' }));
      const tombstone = {
        sessionId: 's1',
        reason: 'deleted' as const,
        time: 5,
        traceIds: [id(7)],
      };
      await index.putTombstone(tombstone);
      await index.putTombstone({ ...tombstone, traceIds: [] });
      expect(await index.putBlock(makeBlock({ first: 1, count: 1 }))).toBe(false);
      expect(await index.putSession(makeSummary('s1'))).toBe(false);
      expect(await index.session('s1')).toBeUndefined();
      expect(await index.tombstone('s1')).toEqual(tombstone);
      expect(await index.sessionsOfTrace(id(7))).toEqual([{ sessionId: 's1', gone: 'deleted' }]);
      expect(await index.sessionsOfUser('ann')).toEqual([]);
      expect(await ids({})).toEqual([]);
    });

    it('is rebuilt once, and again only when forced to; then what is not put again is gone', async () => {
      const fill = vi.fn(async () => {
        await index.putBlock(makeBlock({ first: 0, count: 1, sessionId: 's2', traceIds: [id(8)] }));
      });
      await index.putTombstone({ sessionId: 's3', reason: 'deleted', time: 5, traceIds: [id(9)] });
      await index.putBlock(makeBlock({ first: 0, count: 1, traceIds: [id(7)], userId: 'ann' }));
      await index.putBlock(makeBlock({ first: 0, count: 1, sessionId: 's2' }));
      await index.putBlock(makeBlock({ first: 1, count: 1, sessionId: 's2' }));
      await index.rebuild(fill);
      expect(fill).not.toHaveBeenCalled();
      await index.rebuild(fill, { force: true });
      expect(fill).toHaveBeenCalledOnce();
      expect(await ids({})).toEqual(['s2']);
      expect((await index.session('s2'))?.blocks).toHaveLength(1);
      expect((await index.session('s2'))?.summary.segmentCount).toBe(1);
      expect(await index.sessionsOfTrace(id(7))).toEqual([]);
      expect(await index.sessionsOfTrace(id(8))).toEqual([{ sessionId: 's2' }]);
      expect(await index.tombstone('s3')).toBeUndefined();
    });

    it('stays incomplete when a rebuild fails', async () => {
      const broken = index.rebuild(() => Promise.reject(new Error('no store')), { force: true });
      await expect(broken).rejects.toThrow('no store');
      const fill = vi.fn(() => Promise.resolve());
      await index.rebuild(fill);
      expect(fill).toHaveBeenCalledOnce();
    });

    it('takes strange ids as they are', async () => {
      const sessionId = `a'b"c%_\u0001é\u{1f600}/..`;
      await index.putBlock(makeBlock({ first: 0, count: 1, sessionId, url: `https://x/'%` }));
      expect((await index.session(sessionId))?.summary.sessionId).toBe(sessionId);
      expect(await ids({ url: `'%` })).toEqual([sessionId]);
    });
  });
}
