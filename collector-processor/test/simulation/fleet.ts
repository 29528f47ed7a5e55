/** Thousands of sessions, each with one error, on several instances; what is left of them in the end. */
import type { SegmentHeader } from '@otel-replay/protocol';
import type { Coordinator } from '../../src/coordinate/index.js';
import { createMemoryHub } from '../../src/coordinate/memory.js';
import type { SessionsOptions } from '../../src/session/sessions.js';
import { hex, segment } from '../pipeline-world.js';
import { Instance } from './instance.js';
import { Random } from './random.js';

export const SECOND = 1000;
const SEGMENT_MS = 5 * SECOND;
/** Segments between two checkpoints: a minute, as recorders make them. */
const CHECKPOINT_EVERY = 12;
const PRE_ROLL_MS = 30 * SECOND;
const POST_ROLL_MS = 60 * SECOND;
const EPOCH = 1_700_000_000_000;

export interface Scenario {
  sessions: number;
  instances: number;
  /** Share of the messages that reach an instance not at all. */
  lostMessages: number;
  /** How long after it happened an error reaches an instance, milliseconds. */
  lateness(random: Random): number;
  session?: Omit<SessionsOptions, 'policies'>;
  seed?: number;
}

export interface Outcome {
  /** Shares of the sessions. */
  preRoll: number;
  postRoll: number;
  /** Segments stored of all that were sent. */
  keptSegments: number;
}

/** Shares of the research: most within seconds, a tail of 1 % beyond what the ring is made for. */
export function backendLateness(random: Random): number {
  const kind = random.next();
  if (kind < 0.95) return random.between(0.2 * SECOND, 6 * SECOND);
  if (kind < 0.99) return random.between(6 * SECOND, 20 * SECOND);
  return random.between(20 * SECOND, 90 * SECOND);
}

interface Session {
  id: string;
  traceId: string;
  start: number;
  /** Of the error. */
  moment: number;
  segments: number;
  kept: Set<number>;
}

interface Happening {
  at: number;
  run: (instance: Instance) => void;
}

export async function simulate(scenario: Scenario): Promise<Outcome> {
  const random = new Random(scenario.seed ?? 1);
  const clock = { time: EPOCH, now: () => clock.time };
  const sessions = new Map<string, Session>();
  const instances = await startInstances(scenario, random, clock, sessions);
  const happenings: Happening[] = [];
  for (let i = 0; i < scenario.sessions; i++) {
    const session = createSession(i, random);
    sessions.set(session.id, session);
    happenings.push(...lifeOf(session, scenario, random));
  }
  happenings.sort((a, b) => a.at - b.at);
  const end = happenings.at(-1)!.at + 300 * SECOND;
  let next = 0;
  for (let tick = EPOCH; tick <= end; tick += SECOND) {
    for (; next < happenings.length && happenings[next]!.at <= tick; next++) {
      const happening = happenings[next]!;
      clock.time = happening.at;
      happening.run(instances[random.below(instances.length)]!);
    }
    clock.time = tick;
    await quiet();
    for (const instance of instances) await instance.tick();
  }
  return outcome([...sessions.values()]);
}

async function startInstances(
  { instances, lostMessages, session }: Scenario,
  random: Random,
  clock: { now(): number },
  sessions: ReadonlyMap<string, Session>,
): Promise<Instance[]> {
  const hub = createMemoryHub({ clock });
  const all = Array.from({ length: instances }, () => {
    const coordinator = losing(hub.connect(), () => random.next() < lostMessages);
    return new Instance({
      ...{ clock, coordinator, session: session ?? {} },
      onKept: (id, index) => sessions.get(id)!.kept.add(index),
    });
  });
  for (const instance of all) await instance.start();
  return all;
}

/** The same coordinator, to which some messages do not come. */
function losing(coordinator: Coordinator, isLost: () => boolean): Coordinator {
  const onDecision: Coordinator['onDecision'] = (listener) =>
    coordinator.onDecision((shared) => {
      if (!isLost()) listener(shared);
    });
  return new Proxy(coordinator, {
    get(target, name) {
      if (name === 'onDecision') return onDecision;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

function createSession(i: number, random: Random): Session {
  const start = EPOCH + random.between(0, 120 * SECOND);
  return {
    id: `session-${i}`,
    traceId: hex(i + 1, 32),
    start,
    moment: start + random.between(35 * SECOND, 150 * SECOND),
    segments: 48,
    kept: new Set(),
  };
}

/** Segments, the browser's span and the backend's error, each to an instance of its own. */
function* lifeOf(session: Session, scenario: Scenario, random: Random): Generator<Happening> {
  const { id, moment, start, traceId } = session;
  for (let index = 0; index < session.segments; index++) {
    const from = start + index * SEGMENT_MS;
    const isTraced = moment >= from && moment < from + SEGMENT_MS;
    const header: SegmentHeader = {
      ...TEMPLATE,
      ...{ sessionId: id, index, traceIds: isTraced ? [traceId] : [] },
      hasFullSnapshot: index % CHECKPOINT_EVERY === 0,
      checkpoint: 1 + Math.floor(index / CHECKPOINT_EVERY),
      clientSendTime: TEMPLATE.firstTimestamp + SEGMENT_MS,
    };
    const at = from + SEGMENT_MS + random.between(0, 300);
    yield { at, run: (instance) => instance.segment(header) };
  }
  const span = { traceId, sessionId: id, start: moment };
  const at = moment + random.between(0, 6 * SECOND);
  yield { at, run: (instance) => instance.span(span) };
  yield {
    at: moment + scenario.lateness(random),
    run: (instance) => instance.error(traceId),
  };
}

const TEMPLATE: SegmentHeader = segment({ index: 0, text: '' }).header;

function outcome(sessions: readonly Session[]): Outcome {
  let [preRoll, postRoll, kept, sent] = [0, 0, 0, 0];
  for (const session of sessions) {
    const at = (moment: number): number => Math.floor((moment - session.start) / SEGMENT_MS);
    const error = at(session.moment);
    const wanted = Math.max(0, at(session.moment - PRE_ROLL_MS));
    // What cannot be played is not there: it starts at a checkpoint.
    const checkpoint = wanted - (wanted % CHECKPOINT_EVERY);
    const last = Math.min(session.segments - 1, at(session.moment + POST_ROLL_MS));
    if (hasAll(session.kept, checkpoint, error)) preRoll++;
    if (hasAll(session.kept, error, last)) postRoll++;
    kept += session.kept.size;
    sent += session.segments;
  }
  const count = sessions.length;
  return { preRoll: preRoll / count, postRoll: postRoll / count, keptSegments: kept / sent };
}

function hasAll(kept: ReadonlySet<number>, from: number, to: number): boolean {
  for (let index = from; index <= to; index++) if (!kept.has(index)) return false;
  return true;
}

/** Everything that hangs on promises has been done. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
