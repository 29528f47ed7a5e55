/**
 * What the defaults promise of an errors-only configuration, on a clock of our own: 30 s before the
 * error and 60 s after it, whenever and wherever it arrives, and nothing of who has none.
 */
import { decodeBlock } from '@otel-replay/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryHub } from '../src/coordinate/memory.js';
import { statusCode } from '../src/session/policies/index.js';
import {
  ERROR,
  expectBalanced,
  id,
  openWorld,
  stored,
  TestClock,
  type World,
} from './pipeline-world.js';

const SEGMENT_S = 5;
const PRE_ROLL_S = 30;
const RECORD_FOR_S = 60;
const END_S = 280;
/** Index of the last segment. */
const LAST = END_S / SEGMENT_S - 1;
const TRACE = id(77);

interface Arrival {
  /** Seconds after the error happened. */
  late: number;
  /** Instances beyond the one that gets the segment which names the trace. */
  to: number;
  namesSession?: boolean;
}

const ARRIVALS: Readonly<Record<string, readonly Arrival[]>> = {
  'at once, naming its session': [{ late: 0, to: 0, namesSession: true }],
  'after the segment of its trace': [{ late: 5, to: 0 }],
  '15 s late': [{ late: 15, to: 0 }],
  'before the segment of its trace': [{ late: 0, to: 0 }],
  twice: [
    { late: 5, to: 0 },
    { late: 8, to: 0 },
  ],
  'at another instance': [{ late: 5, to: 1 }],
  'before its segments at another instance': [{ late: 0, to: 2 }],
  'late at two others': [
    { late: 15, to: 2 },
    { late: 16, to: 1 },
  ],
};

/** When the error happens, seconds after the first event: soon after a checkpoint, and long after. */
const MOMENTS = [122, 148];

/** Seconds between two checkpoints: as recorders make them by default, and of a page that does not change. */
const CHECKPOINTS = { 'a checkpoint a minute': 60, 'one checkpoint at the start': 10_000 };

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) {
    await world.pipeline.stop();
    await world.remove();
  }
});

async function openFleet(instances: number): Promise<{ clock: TestClock; fleet: World[] }> {
  const clock = new TestClock();
  const hub = createMemoryHub({ clock });
  for (let i = 0; i < instances; i++) {
    worlds.push(
      await openWorld({
        clock,
        policies: [statusCode('errors')],
        ...(instances === 1 ? {} : { coordinator: hub.connect() }),
      }),
    );
  }
  return { clock, fleet: worlds };
}

/** Two visits, of which one has the error; every request goes to the next instance. */
async function play(
  instances: number,
  arrivals: readonly Arrival[],
  { checkpointEveryS, moment }: { checkpointEveryS: number; moment: number },
): Promise<World[]> {
  const { clock, fleet } = await openFleet(instances);
  const every = Math.ceil(checkpointEveryS / SEGMENT_S);
  const at = (n: number): World => fleet[n % fleet.length]!;
  const linked = Math.floor(moment / SEGMENT_S);
  for (let second = 1; second <= END_S; second++) {
    clock.time += 1000;
    if (second % SEGMENT_S === 0) {
      const index = second / SEGMENT_S - 1;
      const segment = {
        index,
        hasFullSnapshot: index % every === 0,
        checkpoint: 1 + Math.floor(index / every),
        clientSendTime: clock.time,
      };
      const traceIds = index === linked ? [TRACE] : [];
      await at(index).send({ segments: [{ ...segment, sessionId: 'failing', traceIds }] });
      const clean = { ...segment, sessionId: 'clean', recordingId: id(2) };
      await at(index + 1).send({ segments: [clean] });
    }
    for (const { to, namesSession } of arrivals.filter((a) => moment + a.late === second)) {
      const timestamp = clock.time - (second - moment) * 1000;
      const signal = { ...ERROR, traceId: TRACE, timestamp };
      const session = namesSession === true ? { sessionId: 'failing' } : {};
      await at(linked + to).send({ signals: [{ ...signal, ...session }] });
    }
    for (const world of fleet) await world.pipeline.tick();
  }
  for (let s = 0; s < 200; s++) {
    clock.time += 1000;
    for (const world of fleet) await world.pipeline.tick();
  }
  for (const world of fleet) await world.settled();
  return fleet;
}

async function storedSegments(fleet: readonly World[]): Promise<Map<string, number[]>> {
  const kept = new Map<string, number[]>();
  for (const world of fleet) {
    for (const { key } of await stored(world)) {
      if (!key.endsWith('.block')) continue;
      const { records } = decodeBlock((await world.store.get(key))!);
      for (const { kind, header } of records) {
        if (kind !== 'segment') continue;
        kept.set(header.sessionId, [...(kept.get(header.sessionId) ?? []), header.index]);
      }
    }
  }
  for (const indexes of kept.values()) indexes.sort((a, b) => a - b);
  return kept;
}

describe.each([1, 4])('%i instances', (instances) => {
  describe.each(Object.entries(CHECKPOINTS))('%s', (_, checkpointEveryS) => {
    const cases = MOMENTS.flatMap((moment) =>
      Object.keys(ARRIVALS).map((arrival) => ({ moment, arrival })),
    );
    it.each(cases)('keep an error of second $moment that comes $arrival', async (c) => {
      const { arrival, moment } = c;
      const fleet = await play(instances, ARRIVALS[arrival]!, { checkpointEveryS, moment });
      const kept = await storedSegments(fleet);
      expect([...kept.keys()]).toEqual(['failing']);
      const every = Math.ceil(checkpointEveryS / SEGMENT_S);
      const first = Math.floor((moment - PRE_ROLL_S) / SEGMENT_S);
      // What cannot be played is not there: it starts at a checkpoint.
      const from = first - (first % every);
      const to = Math.floor((moment + RECORD_FOR_S) / SEGMENT_S);
      const indexes = kept.get('failing') ?? [];
      expect(indexes).toEqual([...new Set(indexes)]);
      const wanted = Array.from({ length: to - from + 1 }, (_unused, i) => from + i);
      expect(wanted.filter((index) => !indexes.includes(index))).toEqual([]);
      // Not the whole visit either.
      expect(indexes.at(-1)).toBeLessThan(LAST);
      for (const world of fleet) expectBalanced(world);
    });
  });
});
