import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LIMITS, type SegmentHeader } from '@otel-replay/protocol';
import type { Segment } from '../segment/packer.js';
import { wireBytes } from './item.js';
import { createSender } from './sender.js';
import type { SegmentSpan } from './span.js';
import type { SendResult } from './answer.js';
import type { Transport } from './transport.js';
import type { Sender } from './types.js';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** A receiver whose answers the test gives when it wants to. */
class ManualTransport implements Transport {
  readonly sent: { indexes: number[]; keepalive: boolean; answer: (result: SendResult) => void }[] =
    [];
  send(spans: readonly SegmentSpan[], keepalive: boolean): Promise<SendResult> {
    const indexes = spans.map(({ attributes }) =>
      Number(attributes['session_replay.segment.index']),
    );
    return new Promise((answer) => this.sent.push({ indexes, keepalive, answer }));
  }
  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

function segment(index: number, bytes = 1000, hasFullSnapshot = index === 0): Segment {
  const header: SegmentHeader = {
    sessionId: 's',
    recordingId: 'a'.repeat(32),
    index,
    checkpoint: 1,
    hasFullSnapshot,
    firstTimestamp: 1,
    lastTimestamp: 2,
    eventCount: 3,
    mode: 'stream',
    traceIds: [],
    droppedTraceIds: 0,
    errorCount: 0,
    clickCount: 0,
    rageClickCount: 0,
    droppedEvents: 0,
    payload: {
      encoding: 'identity',
      format: 'rrweb',
      formatVersion: '2',
      size: bytes,
      uncompressedSize: bytes,
    },
  };
  return { header, data: new Uint8Array(bytes), links: new Map() };
}

function setup(maxQueueBytes = 1_000_000): {
  sender: Sender;
  transport: ManualTransport;
  /** Events lost before each recovery. */
  recovered: number[];
  errors: string[];
} {
  const transport = new ManualTransport();
  const recovered: number[] = [];
  const errors: string[] = [];
  let lost = 0;
  const sender = createSender({
    transport,
    maxQueueBytes,
    resource: () => ({ attributes: {} }),
    resourceWaitMs: 0,
    isKept: () => false,
    onError: (error) => errors.push(String(error)),
    onLost: (events) => (lost += events),
    onRecovered: () => {
      recovered.push(lost);
      lost = 0;
    },
  });
  return { sender, transport, recovered, errors };
}

/** When the next timer fires; Math.random is in the middle. */
function nextTimer(): number {
  const before = Date.now();
  vi.advanceTimersToNextTimer();
  return Date.now() - before;
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('one request at a time, in order, what waited together', async () => {
  const { sender, transport } = setup();
  sender.add(segment(0));
  await settle();
  for (const index of [1, 2]) sender.add(segment(index));
  await settle();
  expect(transport.sent.map(({ indexes }) => indexes)).toEqual([[0]]);
  transport.sent[0]!.answer({ outcome: 'delivered' });
  await settle();
  expect(transport.sent[1]!.indexes).toEqual([1, 2]);
  transport.sent[1]!.answer({ outcome: 'delivered' });
  await sender.drain();
});

test('backs off, obeys Retry-After and sends the same segments again', async () => {
  const { sender, transport } = setup();
  sender.add(segment(0));
  await settle();
  for (const wait of [1000, 2000, 4000]) {
    transport.sent.at(-1)!.answer({ outcome: 'later', afterMs: 0 });
    await settle();
    expect(nextTimer()).toBe(wait);
  }
  transport.sent.at(-1)!.answer({ outcome: 'later', afterMs: 60_000 });
  await settle();
  expect(nextTimer()).toBe(60_000);
  expect(transport.sent.map(({ indexes }) => indexes)).toEqual([[0], [0], [0], [0], [0]]);
});

test('a full queue keeps what it has, and asks for a new start once it drains', async () => {
  const { sender, transport, recovered } = setup(3 * wireBytes(segment(0)));
  sender.add(segment(0));
  await settle();
  for (let index = 1; index < 6; index++) sender.add(segment(index));
  expect(recovered).toEqual([]);
  transport.sent[0]!.answer({ outcome: 'delivered' });
  await settle();
  expect(transport.sent[1]!.indexes).toEqual([1, 2]);
  expect(recovered).toEqual([9]);
});

test('a refused segment is not sent again; a new start is tried later', async () => {
  const { sender, transport, recovered, errors } = setup();
  sender.add(segment(0));
  await settle();
  transport.sent[0]!.answer({ outcome: 'rejected', reason: 'http://x answered 401' });
  await settle();
  sender.add(segment(1));
  expect(transport.sent.length).toBe(1);
  nextTimer();
  expect(recovered).toEqual([6]);
  expect(errors).toEqual(['Error: http://x answered 401']);
  sender.add(segment(2, 1000, true));
  await settle();
  expect(transport.sent[1]!.indexes).toEqual([2]);
});

test('what leaves with a page stays within the budget, oldest first, once', async () => {
  const { sender, transport } = setup();
  sender.add(segment(0, 20_000));
  await settle();
  for (const index of [1, 2, 3]) sender.add(segment(index, 9_000));
  sender.flushNow(false);
  expect(
    transport.sent
      .slice(1)
      .filter(({ keepalive }) => keepalive)
      .map(({ indexes }) => indexes),
  ).toEqual([[1, 2, 3]]);
  sender.flushNow(true);
  // The request under way is repeated only where it fits beside what has no answer yet.
  expect(transport.sent.filter(({ keepalive }) => keepalive).length).toBe(1);
  const bytes = [1, 2, 3].reduce((sum, index) => sum + wireBytes(segment(index, 9_000)), 0);
  expect(bytes).toBeLessThanOrEqual(LIMITS.UNLOAD_BYTES);
});

test('an exporter that throws is an outage, not an error of the page', async () => {
  const { sender, transport } = setup();
  transport.send = () => {
    throw new Error('broken exporter');
  };
  sender.add(segment(0));
  await settle();
  expect(vi.getTimerCount()).toBe(1);
});

test('what is cut as the page leaves goes with keepalive, and in no other request', async () => {
  const { sender, transport } = setup();
  sender.add(segment(0));
  sender.flushNow(true);
  sender.flushNow(false);
  await settle();
  expect(transport.sent.map(({ keepalive }) => keepalive)).toEqual([true]);
});

test('a cancelled request does not make room for what another still carries', async () => {
  const { sender, transport } = setup();
  sender.add(segment(0, 30_000));
  await settle();
  sender.flushNow(true);
  transport.sent[0]!.answer({ outcome: 'later', afterMs: 0 });
  await settle();
  sender.flushNow(true);
  expect(transport.sent.filter(({ keepalive }) => keepalive).length).toBe(1);
});

test('too large together, segments are sent one by one; one that is too large alone is a hole', async () => {
  const { sender, transport, recovered, errors } = setup();
  sender.add(segment(0));
  await settle();
  for (const index of [1, 2, 3]) sender.add(segment(index));
  transport.sent[0]!.answer({ outcome: 'delivered' });
  await settle();
  expect(transport.sent[1]!.indexes).toEqual([1, 2, 3]);
  transport.sent[1]!.answer({ outcome: 'unfit' });
  await settle();
  transport.sent[2]!.answer({ outcome: 'unfit' });
  await settle();
  transport.sent[3]!.answer({ outcome: 'delivered' });
  await settle();
  transport.sent[4]!.answer({ outcome: 'delivered' });
  await settle();
  expect(transport.sent.slice(2).map(({ indexes }) => indexes)).toEqual([[1], [2], [3]]);
  expect(errors.length).toBe(1);
  // A snapshot right away could be refused as well; the first one waits a second.
  expect(recovered).toEqual([]);
  vi.advanceTimersByTime(1000);
  sender.add(segment(4));
  expect(recovered).toEqual([6]);
});

test('what a receiver refuses of a request it accepted is counted', async () => {
  const { sender, transport, recovered } = setup();
  sender.add(segment(0));
  await settle();
  transport.sent[0]!.answer({ outcome: 'delivered', refused: 1 });
  await settle();
  vi.advanceTimersByTime(1000);
  sender.add(segment(1));
  expect(recovered).toEqual([6]);
  sender.add(segment(2, 1000, true));
  await settle();
  expect(transport.sent[1]!.indexes).toEqual([2]);
});

test('parts of one segment are one loss', async () => {
  const { sender, transport, recovered } = setup();
  for (const partIndex of [0, 1]) {
    const part = segment(0);
    Object.assign(part.header.payload, { partIndex, partCount: 2 });
    sender.add(part);
  }
  await settle();
  transport.sent[0]!.answer({ outcome: 'rejected', reason: 'no' });
  await settle();
  nextTimer();
  expect(recovered).toEqual([3]);
});
