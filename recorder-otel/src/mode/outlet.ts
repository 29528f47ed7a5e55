/**
 * What leaves the browser, and what waits for a trigger. Each segment comes by twice: when it is
 * cut, which decides about it, and when it is packed, which may be later but in the same order.
 *
 * What waits are generations, one per checkpoint. The oldest is dropped once those after it cover
 * the pre-roll by themselves; a trigger at T releases what is there, which then begins at or before
 * T - preRollMs, and after T - preRollMs - the time between two checkpoints.
 */
import type { Segment } from '../segment/packer.js';
import type { RawSegment, Waiting } from '../segment/segmenter.js';
import type { Guard } from '../guard.js';
import { HANDOVER_KEY, sample, whenIdle, type Sampling } from '../shared.js';
import type { Trigger } from '../trigger/options.js';
import type { Carry, Generation, Handover } from './carry.js';
import type { ModeOptions } from './options.js';

export interface OutletOptions {
  options: ModeOptions & { checkpointIntervalMs?: number };
  guard: Guard;
  /** Leaves the browser. */
  onSegment: (segment: Segment) => void;
  /** What is recorded leaves from now on, because of a trigger on the page before. */
  onSending: () => void;
}

/** What leaves of a recording. */
interface Release {
  /** From this number on. */
  index: number;
  /** Why; for the first segment of it that leaves. */
  reason?: string | undefined;
}

export interface Outlet {
  /** What becomes of this session; counts from the next segment on. */
  decide(sessionId: string): Sampling['mode'];
  /** Undefined: what is recorded now leaves. */
  waiting: () => Waiting | undefined;
  /** A segment is cut. */
  note(header: RawSegment['header']): void;
  /** It is packed. */
  add: (segment: Segment) => void;
  /**
   * The session is worth keeping from `time` on, and some time back. All that was recorded up to
   * `time` must be cut.
   */
  trigger(trigger: Trigger, time: number): void;
  /** When buffering begins again, with a new recording; undefined: it does not. */
  sendsUntil(): number | undefined;
  /** Buffering has begun again. */
  wait(): void;
  /** The page goes away: the next one in this tab goes on with what waits. */
  leave(): void;
  /** The page is back. */
  restore(): void;
  /** Forgets what waits, also of the pages before. */
  clear(): void;
}

const LOAD_LATEST_MS = 500;

export function createOutlet({ options, guard, onSegment, onSending }: OutletOptions): Outlet {
  const { preRollMs = 30_000, postRollMs = 30_000, checkpointIntervalMs = 15_000 } = options;
  const wait: Waiting = { keepMs: preRollMs, everyMs: Math.max(checkpointIntervalMs, 100) };
  let sampling: Sampling = { mode: 'stream', rate: 1 };
  let sessionId: string | undefined;
  let generations: Generation[] = [];
  /** By recording. */
  const released = new Map<string, Release>();
  let until: number | undefined;
  /** For the next segment that is cut. */
  let reason: string | undefined;
  let carry: Carry | undefined;
  let cancel: (() => void) | undefined;

  function note(header: RawSegment['header']): void {
    const { index, recordingId, firstTimestamp: from } = header;
    if (sampling.mode === 'buffer') header.mode = 'buffer';
    header.sampleRate = sampling.rate;
    if (sampling.mode === 'buffer' && until === undefined && !released.has(recordingId)) {
      if (header.hasFullSnapshot) generations.push({ recordingId, index, from, segments: [] });
      trim(header.lastTimestamp);
      return;
    }
    if (!released.has(recordingId)) released.set(recordingId, { index });
    if (reason !== undefined) header.trigger = reason;
    reason = undefined;
  }

  function add(segment: Segment): void {
    const { index, recordingId } = segment.header;
    const release = released.get(recordingId);
    if (release && index >= release.index) {
      if (release.reason !== undefined) segment.header.trigger = release.reason;
      release.reason = undefined;
      onSegment(segment);
    } else {
      const generation = generations.findLast(
        (one) => one.recordingId === recordingId && one.index <= index,
      );
      // Else it is older than the pre-roll by now.
      generation?.segments.push(segment);
    }
  }

  function trim(now: number): void {
    while (generations[1] && generations[1].from <= now - preRollMs) generations.shift();
  }

  function release(time: number, why?: string): void {
    trim(time);
    const all = generations;
    generations = [];
    for (const { index, recordingId } of all) {
      if (!released.has(recordingId)) released.set(recordingId, { index, reason: why });
    }
    for (const { segments } of all) segments.forEach(add);
  }

  function trigger({ name }: Trigger, time: number): void {
    if (sampling.mode === 'buffer' && until === undefined) {
      release(time, name);
      restore();
    } else reason = name;
    if (sampling.mode === 'buffer') until = time + postRollMs;
  }

  /** Loaded late: what a page leaves for the next, and finds of the one before. */
  function load(): void {
    cancel ??= whenIdle(() => {
      void import('../store/kept.js')
        .then(({ openCarry }) => openCarry(preRollMs))
        .then((opened) => {
          carry = opened;
          return resume();
        })
        .catch((error: unknown) => guard.report(error, 'carry'));
    }, LOAD_LATEST_MS);
  }

  function restore(): void {
    if (carry) void resume().catch((error: unknown) => guard.report(error, 'carry'));
  }

  async function resume(): Promise<void> {
    const before = await carry?.take();
    // Another session, or consent was withdrawn meanwhile.
    if (before && carry && before.sessionId === sessionId) guard.run('carry', () => adopt(before));
  }

  function adopt(before: Handover): void {
    generations = [...before.generations, ...generations].sort((a, b) => a.from - b.from);
    if (sampling.mode !== 'buffer') generations = [];
    else if (until !== undefined) {
      // There was a trigger already, by which they are wanted, too.
      release(until - postRollMs);
    } else if ((before.until ?? 0) > Date.now()) {
      release(Date.now());
      until = before.until;
      onSending();
    } else trim(Date.now());
  }

  return {
    decide: (id) => {
      // The time before belongs to somebody else, or to no session that is recorded.
      if (id !== sessionId) generations = [];
      sessionId = id;
      sampling = sample(id, options);
      if (sampling.mode === 'buffer') load();
      return sampling.mode;
    },
    waiting: () => (sampling.mode === 'buffer' && until === undefined ? wait : undefined),
    note,
    add,
    trigger,
    sendsUntil: () => until,
    wait: () => {
      until = reason = undefined;
    },
    leave: () => {
      if (!carry || sessionId === undefined || sampling.mode !== 'buffer') return;
      if (until === undefined && generations.length === 0) return;
      if (carry.leave({ sessionId, until, generations })) generations = [];
    },
    restore,
    clear: () => {
      generations = [];
      until = reason = carry = undefined;
      cancel?.();
      cancel = undefined;
      if (sampling.mode === 'buffer') {
        guard.run('carry', () => sessionStorage.removeItem(HANDOVER_KEY));
      }
    },
  };
}
