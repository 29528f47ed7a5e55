/**
 * What a trigger releases, for any page: the hub, the segmenter and the outlet with a clock of their
 * own, and a page in place of rrweb whose whole content is one number.
 */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { context, metrics } from '@opentelemetry/api';
import { decodePayload, type SegmentHeader } from '@otel-replay/protocol';
import { createGuard } from '../guard.js';
import { createRecordingControl } from '../record/control.js';
import { recordEarly } from '../record/early.js';
import type { RecordingControl } from '../record/types.js';
import { takeSnapshot, type PageRecorderOptions } from '../record/recorder.js';
import type { RrwebEvent } from '../record/rrweb.js';
import type { Segment } from '../segment/packer.js';
import type { RawSegment } from '../segment/segmenter.js';
import { createMeter } from '../restraint/meter.js';
import { createSessionTracker, type SessionTracker } from '../session/tracker.js';
import type { Trigger } from '../trigger/options.js';
import type { ModeOptions } from './options.js';
import { createOutlet, type Outlet } from './outlet.js';
import { sample } from './sampling.js';

const page = vi.hoisted(() => ({
  content: 0,
  snapshotMs: 0,
  performanceNow: 0,
  emit: undefined as PageRecorderOptions['onEvent'] | undefined,
}));

vi.mock('../record/recorder.js', () => {
  const takeSnapshot = (): void => {
    const timestamp = Date.now();
    page.performanceNow += page.snapshotMs;
    page.emit?.({ type: 4, timestamp, data: { href: 'https://shop.example/' } });
    page.emit?.({ type: 2, timestamp, data: { content: page.content } });
  };
  return {
    takeSnapshot,
    drainMutations: () => undefined,
    recordPage: ({ onEvent }: PageRecorderOptions) => {
      page.emit = onEvent;
      takeSnapshot();
      return { defer: () => undefined, stop: () => void (page.emit = undefined) };
    },
  };
});
// From page to page is tried in a browser.
vi.mock('./carry.js', () => ({ openCarry: () => new Promise(() => undefined) }));
vi.mock('../capture/load.js', () => ({ loadCapture: () => () => undefined }));

const START = 1_800_000_000_000;
const KEEP = 3000;
const EVERY = 1000;
const AFTER = 2000;

function reset(): void {
  vi.clearAllTimers();
  vi.setSystemTime(START);
  Object.assign(page, { content: 0, snapshotMs: 0, performanceNow: 1 });
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  vi.spyOn(performance, 'now').mockImplementation(() => page.performanceNow);
  reset();
  const target = { addEventListener: () => undefined, removeEventListener: () => undefined };
  vi.stubGlobal('window', target);
  vi.stubGlobal('document', { ...target, visibilityState: 'visible' });
  vi.stubGlobal('location', { href: 'https://shop.example/' });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

interface Recorder {
  control: RecordingControl;
  session: SessionTracker;
  outlet: Outlet;
  sent: Segment[];
  /** What was cut. */
  cut: RawSegment[];
  /** Lets the packer finish; it is asynchronous. */
  pack: () => void;
}

function record(options: ModeOptions, session = { getSessionId: () => 'a' }): Recorder {
  const sent: Segment[] = [];
  const cut: RawSegment[] = [];
  const waiting: RawSegment[] = [];
  const outlet = createOutlet({
    options: {
      sessionSampleRate: 0,
      preRollMs: KEEP,
      postRollMs: AFTER,
      checkpointIntervalMs: EVERY,
      ...options,
    },
    guard: createGuard(fail),
    onSegment: (segment) => sent.push(segment),
    onSending: () => undefined,
  });
  const pack = (): void => {
    for (const { header, raw, format, formatVersion, links } of waiting.splice(0)) {
      const size = raw.length;
      const payload = {
        encoding: 'identity',
        format,
        formatVersion,
        size,
        uncompressedSize: size,
      };
      outlet.add({ header: { ...header, payload }, data: raw, links });
    }
  };
  const guard = createGuard(fail);
  const tracker = createSessionTracker({
    provider: session,
    session: { pauseAfterMs: 1e9, idleTimeoutMs: 1e9 },
    guard,
    onChange: () => control.sessionChanged(),
    onInteraction: () => undefined,
  });
  const meter = createMeter();
  const control = createRecordingControl({
    options: { flushIntervalMs: 400 },
    host: {
      guard,
      session: tracker,
      consent: { state: () => 'not_required', end: () => undefined },
      meter,
      sanitizeUrl: (url) => url,
      mirror: { getId: () => -1, getNode: () => null, hasNode: () => false },
      metrics,
      context,
      isThere: () => true,
      isLate: () => false,
      takeEarly: () => undefined,
      record: () =>
        recordEarly({
          sessionId: tracker.sessionId(),
          previousId: undefined,
          recordingId: 'early',
          maxChars: 1e6,
          onWaiting: () => undefined,
          sanitizeUrl: (url) => url,
          guard,
          meter,
        }),
      drain: () => undefined,
      takeSnapshot,
    },
    outlet,
    onSegment: (raw: RawSegment) => {
      outlet.note(raw.header);
      cut.push(raw);
      waiting.push(raw);
    },
    onTrigger: (trigger: Trigger, time: number) => outlet.trigger(trigger, time),
  });
  tracker.start();
  control.begin();
  return { control, session: tracker, outlet, sent, cut, pack };
}

function fail(error: unknown): never {
  throw error;
}

const eventsOf = async ({ header, data }: Pick<Segment, 'header' | 'data'>) =>
  (await decodePayload(header.payload, data)) as RrwebEvent[];

type Step =
  { do: 'change' | 'move' | 'trigger' | 'pack' | 'cut' } | { do: 'pass' | 'oversleep'; ms: number };

const what = fc.constantFrom('change', 'move', 'pack', 'cut');
const some: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: what }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'trigger' }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.oneof(fc.nat(300), fc.nat(1500), fc.nat(9000)),
    }),
  },
);
const late: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('oversleep' as const),
  ms: fc.nat(5000),
});

/** Runs the steps; returns what was true at each trigger that released something. */
function run(recorder: Recorder, steps: readonly Step[]) {
  const { control, outlet, sent, pack } = recorder;
  const history = [{ at: START, content: 0 }];
  const moves: number[] = [];
  const triggers: { at: number; released: boolean }[] = [];
  for (const step of steps) {
    const timestamp = Date.now();
    const before = sent.length;
    const wasWaiting = outlet.waiting() !== undefined;
    if (step.do === 'pass') vi.advanceTimersByTime(step.ms);
    else if (step.do === 'oversleep') vi.setSystemTime(timestamp + step.ms);
    else if (step.do === 'pack') pack();
    else if (step.do === 'cut') control.cut();
    else if (step.do === 'change') {
      history.push({ at: timestamp, content: ++page.content });
      page.emit?.({ type: 3, timestamp, data: { source: 0, content: page.content } });
    } else if (step.do === 'move') {
      moves.push(timestamp);
      page.emit?.({ type: 3, timestamp, data: { source: 1, move: moves.length } });
    } else if (step.do === 'trigger') {
      // A timer that is late is noticed by the event that shows the error, if not before.
      control.captureError(new TypeError('x'), undefined, Date.now());
      triggers.push({ at: timestamp, released: wasWaiting });
    }
    if (wasWaiting && step.do !== 'trigger' && step.do !== 'pass' && step.do !== 'oversleep') {
      // Nothing left; what was released before may still be on its way out of the packer.
      if (step.do !== 'pack' && outlet.waiting()) expect(sent.length).toBe(before);
    }
  }
  return { history, moves, triggers };
}

/** First timestamp and numbers of each recording that left. */
function recordings(sent: readonly Segment[]): Map<string, SegmentHeader[]> {
  const all = new Map<string, SegmentHeader[]>();
  for (const { header } of sent) {
    all.set(header.recordingId, [...(all.get(header.recordingId) ?? []), header]);
  }
  return all;
}

async function check(
  recorder: Recorder,
  { history, moves, triggers }: ReturnType<typeof run>,
  slackMs: number,
): Promise<void> {
  const { sent, cut } = recorder;
  const starts = new Map<string, number>();
  for (const { header } of cut) {
    if (!starts.has(header.recordingId)) starts.set(header.recordingId, header.firstTimestamp);
  }
  const left = recordings(sent);
  const releases = triggers.filter(({ released }) => released);
  expect(left.size).toBe(releases.length);
  for (const [at, [recordingId, headers]] of [...left].entries()) {
    const [first] = headers;
    const trigger = releases[at]!;
    expect(first).toMatchObject({ hasFullSnapshot: true, mode: 'buffer', trigger: 'manual' });
    expect(headers.map(({ index }) => index - first!.index)).toEqual([...headers.keys()]);
    expect(headers.filter((header) => header.sampleRate !== 1)).toEqual([]);
    const window = trigger.at - first!.firstTimestamp;
    if (first!.firstTimestamp > starts.get(recordingId)!) {
      expect(window).toBeGreaterThanOrEqual(KEEP);
    }
    expect(window).toBeLessThan(KEEP + slackMs);
  }
  const content = await Promise.all(sent.map(eventsOf));
  const played = content.flat();
  for (const { type, timestamp, data } of played) {
    if (type !== 2) continue;
    const shown = [
      history.findLast(({ at }) => at < timestamp),
      ...history.filter(({ at }) => at === timestamp),
    ];
    expect(shown.map((one) => one?.content)).toContain(data['content']);
  }
  const playedMoves = new Set(played.map(({ data }) => data['move']));
  for (const trigger of triggers) {
    // What is of the time after belongs to the next recording, which nobody wanted yet.
    const missed = moves.filter(
      (at, i) => at >= trigger.at - KEEP && at < trigger.at + AFTER && !playedMoves.has(i + 1),
    );
    expect(missed).toEqual([]);
  }
  // From the first that left, all of a recording left; what is of no recording that did was let go.
  for (const [recordingId, headers] of left) {
    const wanted = cut
      .map(({ header }) => header)
      .filter((one) => one.recordingId === recordingId && one.index >= headers[0]!.index);
    expect(headers.map(({ index, eventCount }) => [index, eventCount])).toEqual(
      wanted.map(({ index, eventCount }) => [index, eventCount]),
    );
  }
}

/** All that waits is released or aged, so that the sum can be made up. */
const ending: Step[] = [{ do: 'trigger' }, { do: 'cut' }, { do: 'pack' }];

const property = (
  step: fc.Arbitrary<Step>,
  slackMs: (steps: readonly Step[]) => number,
  snapshotMs: fc.Arbitrary<number> = fc.constant(0),
) =>
  fc.assert(
    fc
      .asyncProperty(fc.array(step, { maxLength: 60 }), snapshotMs, async (steps, costMs) => {
        page.snapshotMs = costMs;
        const recorder = record({});
        await check(recorder, run(recorder, [...steps, ...ending]), slackMs(steps));
        recorder.control.stop(true);
      })
      .beforeEach(reset),
    { numRuns: 150 },
  );

test('a trigger releases N to N + c, all that is needed to play it, and N after it', () =>
  property(some, () => EVERY));

test('the same where snapshots are costly: then they are further apart', () =>
  property(some, () => Math.max(EVERY, page.snapshotMs * 300), fc.integer({ min: 0, max: 8 })));

test('timers that are late lengthen what is released, and never shorten it', () =>
  property(fc.oneof({ weight: 12, arbitrary: some }, { weight: 1, arbitrary: late }), (steps) =>
    steps.reduce((sum, step) => sum + (step.do === 'oversleep' ? step.ms : 0), EVERY),
  ));

test('a page that stands still takes no snapshot and cuts nothing, for a day', () => {
  const { control, cut, outlet, pack, sent } = record({});
  let snapshots = 0;
  vi.advanceTimersByTime(1);
  const { emit } = page;
  page.emit = (event) => {
    if (event.type === 2) snapshots++;
    emit?.(event);
  };
  vi.advanceTimersByTime(24 * 3_600_000);
  control.cut();
  pack();
  expect([snapshots, cut.length, sent.length, vi.getTimerCount()]).toEqual([0, 0, 0, 0]);
  // What it shows then is the window before the trigger, and no day.
  control.captureError(new TypeError('x'), undefined, Date.now());
  pack();
  expect(outlet.waiting()).toBeUndefined();
  const at = Date.now();
  const from = sent[0]!.header.firstTimestamp;
  expect(from).toBe(at - KEEP);
});

test('after what follows a trigger nothing leaves, until the next trigger', () => {
  const { control, outlet, pack, sent } = record({});
  control.captureError(new TypeError('x'), undefined, Date.now());
  vi.advanceTimersByTime(AFTER - 1);
  expect(outlet.waiting()).toBeUndefined();
  // Another one: that long after the last.
  control.captureError(new TypeError('x'), undefined, Date.now());
  vi.advanceTimersByTime(AFTER - 1);
  expect(outlet.waiting()).toBeUndefined();
  vi.advanceTimersByTime(1);
  expect(outlet.waiting()).toBeDefined();
  pack();
  const before = sent.length;
  expect(sent.filter(({ header }) => header.trigger === 'manual').length).toBe(2);
  for (let i = 0; i < 100; i++) {
    page.emit?.({ type: 3, timestamp: Date.now(), data: { source: 0, content: ++page.content } });
    vi.advanceTimersByTime(500);
    pack();
  }
  expect(sent.length).toBe(before);
  control.captureError(new TypeError('x'), undefined, Date.now());
  pack();
  const [first] = sent.slice(before);
  // A start of its own, and no hole in the recording before.
  expect(first!.header.recordingId).not.toBe(sent[0]!.header.recordingId);
  expect(first!.header).toMatchObject({ hasFullSnapshot: true, trigger: 'manual' });
});

test('a session that is streamed says so, and names the trigger on the segment that holds it', () => {
  const { control, pack, sent } = record({ sessionSampleRate: 1 });
  control.cut();
  pack();
  expect(sent[0]!.header).toMatchObject({ mode: 'stream', sampleRate: 1, index: 0 });
  control.captureError(new TypeError('x'), undefined, Date.now());
  vi.advanceTimersByTime(2000);
  pack();
  expect(sent.map(({ header }) => header.trigger)).toEqual([undefined, 'manual']);
});

test('a session that is not sampled is not recorded, until the next that is', () => {
  const session = { id: 'b' };
  const {
    control,
    session: tracker,
    cut,
  } = record({ errorSampleRate: 0.5 }, { getSessionId: () => session.id });
  const isRecorded = (): boolean => page.emit !== undefined;
  for (let i = 0; i < 200; i++) {
    session.id = String(i);
    tracker.refresh();
    const { mode } = sample(session.id, { sessionSampleRate: 0, errorSampleRate: 0.5 });
    expect(isRecorded()).toBe(mode === 'buffer');
    expect(control.recordingId() === undefined).toBe(mode === 'off');
    vi.advanceTimersByTime(20_000);
  }
  const ids = new Set(cut.map(({ header }) => header.sessionId));
  for (const id of ids)
    expect(sample(id, { sessionSampleRate: 0, errorSampleRate: 0.5 }).mode).toBe('buffer');
  expect(cut.every(({ header }) => header.sampleRate === 0.5)).toBe(true);
});
