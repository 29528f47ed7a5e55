/**
 * Nothing is lost in silence: whatever a receiver, a network and leaving pages do, every event is
 * delivered, counted as dropped, or still there for a later page.
 */
import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SegmentHeader } from '@otel-replay/protocol';
import type { Segment } from '../segment/packer.js';
import { keptMark } from '../store/kept-mark.js';
import type { SendResult } from './answer.js';
import { createSender } from './sender.js';
import type { SegmentSpan } from './span.js';
import { openSpill, type Spill } from './spill.js';
import type { Sender } from './types.js';

const MODES = ['accept', 'busy', 'hang', 'reset', 'too large', 'rejected', 'refuses'] as const;
type Mode = (typeof MODES)[number];

const HARMLESS: readonly Mode[] = ['accept', 'busy', 'hang', 'reset'];
const TIMEOUT_MS = 10_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  emptyStorage();
  vi.stubGlobal('navigator', { locks: undefined, storage: undefined });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function emptyStorage(): void {
  vi.stubGlobal('indexedDB', new IDBFactory());
  const stored = new Map<string, string>();
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
    removeItem: (key: string) => void stored.delete(key),
  });
}

/** Lets promises and the database, which runs on immediates, come to rest. */
async function rest(): Promise<void> {
  for (let i = 0; i < 40; i++) await new Promise((resolve) => setImmediate(resolve));
}

const weight = ({ eventCount, droppedEvents }: SegmentHeader): number => eventCount + droppedEvents;

class Page {
  alive = true;
  readonly id: number;
  readonly sender: Sender;
  /** Dropped, and not yet said on a segment. */
  dropped = 0;
  everDropped = 0;
  needsStart = true;
  #index = 0;

  constructor(id: number, world: World) {
    this.id = id;
    this.sender = createSender({
      transport: {
        send: (spans, keepalive) =>
          this.alive ? world.receive(this, spans, keepalive) : new Promise(() => undefined),
        shutdown: () => Promise.resolve(),
      },
      maxQueueBytes: 40_000,
      resource: () => ({ attributes: { page: id } }),
      resourceWaitMs: 0,
      isHeld: (failing) => failing && !world.online,
      isKept: () => keptMark.read() !== undefined,
      openSpill: async () => this.#mortal(await openSpill(world.spill)),
      onError: (error, where) => {
        if (where === 'offline') world.failures.push(error);
      },
      onLost: (events) => {
        this.dropped += events;
        this.everDropped += events;
      },
      onRecovered: () => (this.needsStart = true),
    });
  }

  /** A page that is gone writes nothing more. */
  #mortal(spill: Spill): Spill {
    return new Proxy(spill, {
      get: (target, name: keyof Spill) => {
        const method: unknown = Reflect.get(target, name);
        // A promise asks it whether it is one.
        if (typeof method !== 'function') return undefined;
        return (...args: unknown[]): unknown =>
          this.alive ? Reflect.apply(method, target, args) : new Promise(() => undefined);
      },
    });
  }

  emit(events: number, bytes: number): Segment {
    const index = this.#index++;
    const payload = {
      encoding: 'identity',
      format: 'rrweb',
      formatVersion: '2',
      size: bytes,
      uncompressedSize: bytes,
    };
    const header: SegmentHeader = {
      sessionId: 's',
      recordingId: String(this.id).padStart(32, '0'),
      index,
      checkpoint: 1,
      hasFullSnapshot: this.needsStart,
      firstTimestamp: Date.now(),
      lastTimestamp: Date.now(),
      eventCount: events,
      mode: 'stream',
      traceIds: [],
      droppedTraceIds: 0,
      errorCount: 0,
      clickCount: 0,
      rageClickCount: 0,
      droppedEvents: this.dropped,
      payload,
    };
    this.dropped = 0;
    this.needsStart = false;
    const segment = { header, data: new Uint8Array(bytes), links: new Map<string, string>() };
    this.sender.add(segment);
    return segment;
  }
}

class World {
  mode: Mode = 'accept';
  online = true;
  leaving = false;
  readonly all = new Map<string, SegmentHeader>();
  readonly accepted = new Set<string>();
  /** May be missing without being counted: nobody is left who could count them. */
  readonly excused = new Set<string>();
  readonly pages: Page[] = [];
  /** Of the store: there is no reason for any. */
  readonly failures: unknown[] = [];
  readonly spill = {
    to: 'u',
    maxBytes: 1e9,
    maxAgeMs: 1e12,
    mark: keptMark,
    onEvicted: () => undefined,
  };

  get page(): Page {
    return this.pages.at(-1)!;
  }

  open(): void {
    this.pages.push(new Page(this.pages.length, this));
  }

  emit(events: number, bytes: number): void {
    const { header } = this.page.emit(events, bytes);
    this.all.set(`${this.page.id}/${header.index}`, header);
  }

  leave(): void {
    this.leaving = true;
    this.page.sender.flushNow(true);
    this.leaving = false;
    this.page.alive = false;
  }

  receive(page: Page, spans: readonly SegmentSpan[], keepalive: boolean): Promise<SendResult> {
    const keys = spans.map(({ attributes, resource }) => ({
      key: `${Number(attributes['session_replay.id'])}/${String(attributes['session_replay.segment.index'])}`,
      foreign: resource.attributes['page'] !== page.id,
    }));
    const answer = this.#answer(keys);
    const isTaken = answer?.outcome === 'delivered' && !answer.refused;
    if (keepalive && this.leaving && !isTaken) for (const { key } of keys) this.excused.add(key);
    return new Promise((resolve) => {
      // A page that is gone hears no answer, and counts nothing.
      const hear = (heard: SendResult): void => (page.alive ? resolve(heard) : undefined);
      if (answer) queueMicrotask(() => hear(answer));
      else setTimeout(() => hear({ outcome: 'later', afterMs: 0 }), TIMEOUT_MS);
    });
  }

  #answer(keys: { key: string; foreign: boolean }[]): SendResult | undefined {
    if (!this.online || this.mode === 'reset') return { outcome: 'later', afterMs: 0 };
    if (this.mode === 'hang') return undefined;
    if (this.mode === 'busy') return { outcome: 'later', afterMs: 3000 };
    if (this.mode === 'rejected') return { outcome: 'rejected', reason: 'no' };
    const refuses = this.mode === 'refuses';
    if (refuses || this.mode === 'too large') {
      if (keys.length > 1 && !refuses) return { outcome: 'unfit' };
      if (refuses || keys[0]!.key.endsWith('3')) {
        for (const { key, foreign } of keys) if (foreign) this.excused.add(key);
        return refuses ? { outcome: 'delivered', refused: keys.length } : { outcome: 'unfit' };
      }
    }
    for (const { key } of keys) this.accepted.add(key);
    return { outcome: 'delivered' };
  }
}

type Command =
  | { do: 'emit'; events: number; bytes: number }
  | { do: 'wait'; ms: number }
  | { do: 'mode'; mode: Mode }
  | { do: 'network'; online: boolean }
  | { do: 'leave' };

const command = (modes: readonly Mode[]): fc.Arbitrary<Command> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant('emit' as const),
        events: fc.integer({ min: 1, max: 9 }),
        bytes: fc.constantFrom(10, 3000, 20_000, 60_000),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('wait' as const),
        ms: fc.constantFrom(1, 900, 6000, 70_000),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('mode' as const), mode: fc.constantFrom(...modes) }),
    },
    fc.record({ do: fc.constant('network' as const), online: fc.boolean() }),
    fc.record({ do: fc.constant('leave' as const) }),
  );

async function wait(ms: number): Promise<void> {
  for (let rest_ = ms; rest_ > 0; rest_ -= 2000) {
    vi.advanceTimersByTime(Math.min(rest_, 2000));
    await rest();
  }
}

async function play(commands: readonly Command[]): Promise<World> {
  emptyStorage();
  vi.clearAllTimers();
  const world = new World();
  world.open();
  for (const step of commands) {
    if (step.do === 'emit') world.emit(step.events, step.bytes);
    else if (step.do === 'wait') await wait(step.ms);
    else if (step.do === 'mode') world.mode = step.mode;
    else if (step.do === 'network') {
      world.online = step.online;
      if (step.online) world.page.sender.wake();
    } else {
      world.leave();
      await rest();
      world.open();
    }
    await rest();
  }
  world.mode = 'accept';
  world.online = true;
  world.page.sender.wake();
  // Longer than the longest backoff; something new shows that sending works.
  await wait(310_000);
  world.page.needsStart = true;
  world.emit(1, 10);
  await wait(80_000);
  return world;
}

function expectAccounted(world: World): void {
  expect(world.failures).toEqual([]);
  let missing = 0;
  let excused = 0;
  for (const [key, header] of world.all) {
    missing += header.eventCount;
    if (world.accepted.has(key)) missing -= weight(header);
    else if (world.excused.has(key)) excused += weight(header);
  }
  for (const page of world.pages) missing -= page.dropped;
  if (excused === 0) expect(missing).toBe(0);
  expect(missing).toBeGreaterThanOrEqual(0);
  expect(missing).toBeLessThanOrEqual(excused);
}

test('dropped and sent is all that was emitted, whatever happens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command(MODES), { maxLength: 25 }), async (commands) => {
      expectAccounted(await play(commands));
    }),
    { numRuns: 60 },
  );
});

test('of receivers that only fail, and come back, nothing is ever dropped', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(command(HARMLESS), { maxLength: 25 }), async (commands) => {
      const world = await play([
        // Something was sent.
        { do: 'emit', events: 1, bytes: 10 },
        { do: 'wait', ms: 2000 },
        ...commands.filter(
          (step) => step.do !== 'leave' && !(step.do === 'emit' && step.bytes > 20_000),
        ),
      ]);
      expect(world.page.everDropped).toBe(0);
      expect([...world.all.keys()].filter((key) => !world.accepted.has(key))).toEqual([]);
    }),
    {
      numRuns: 40,
      // What was loaded from the store was once dropped as too much for the queue.
      examples: [
        [
          [
            { do: 'mode', mode: 'hang' },
            { do: 'emit', events: 2, bytes: 20_000 },
            { do: 'emit', events: 1, bytes: 20_000 },
            { do: 'wait', ms: 70_000 },
            { do: 'emit', events: 7, bytes: 20_000 },
          ],
        ],
      ],
    },
  );
});
