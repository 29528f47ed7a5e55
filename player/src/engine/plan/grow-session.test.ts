import { describe, expect, it } from 'vitest';
import type { LiveSegments, SegmentEntry } from '@otel-replay/protocol';
import { recording, segment, session } from '../../../test/recordings.js';
import { SessionModel } from '../playback/session-model.js';
import { cursorOf, withSegments, withSignals } from './grow-session.js';
import { SessionPlan } from './session-plan.js';

const live = (recordingId: string, segments: SegmentEntry[]): LiveSegments => ({
  recordingId,
  firstIndex: segments[0]!.index,
  lastIndex: segments.at(-1)!.index,
  lastTimestamp: segments.at(-1)!.lastTimestamp,
  segments,
});

describe('a session that grows', () => {
  it('takes segments once, in any order, and leaves what it was as it was', () => {
    const before = session([recording('C..')]);
    const copy = structuredClone(before);
    const late = withSegments(before, live('r', [segment(4, false)]));
    const whole = withSegments(late, live('r', [segment(2, false), segment(3, true)]));
    expect(before).toEqual(copy);
    expect(whole.recordings[0]?.segments.map((s) => s.index)).toEqual([0, 1, 2, 3, 4]);
    expect(whole.recordings[0]).toMatchObject({ lastTimestamp: 4900, checkpoints: [0, 3000] });
    expect(whole).toMatchObject({ lastTimestamp: 4900, segmentCount: 2, bytes: 200 });
    expect(withSegments(whole, live('r', [segment(1, false)]))).toBe(whole);
  });

  it('gets new recordings, their addresses and traces, in order of time', () => {
    const before = session([recording('C', 'a', 0), recording('C', 'c', 9000)]);
    const first = { ...segment(0, true, 5000), url: 'https://shop/b', traceIds: ['t'] };
    const after = withSegments(before, { ...live('b', [first]), serviceName: 'shop' });
    expect(after.recordings.map((r) => r.recordingId)).toEqual(['a', 'b', 'c']);
    expect(after).toMatchObject({ urls: ['https://shop/b'], serviceNames: ['shop'] });
    expect(after.traces).toEqual([{ traceId: 't', recordingId: 'b', timestamp: 5000 }]);
    expect(after.recordingCount).toBe(3);
  });

  it('asks to go on after what it has without a hole', () => {
    const manifest = session([recording('C..-.', 'a'), recording('--C.', 'b')]);
    expect([...cursorOf(manifest)]).toEqual([
      ['a', 2],
      ['b', 3],
    ]);
  });

  it('takes signals once', () => {
    const signal = { kind: 'error_span', timestamp: 5, origin: 'backend' } as const;
    const after = withSignals(session([recording('C')]), [signal, { ...signal, timestamp: 1 }]);
    expect(after.signals.map((s) => s.timestamp)).toEqual([1, 5]);
    expect(withSignals(after, [{ ...signal }])).toBe(after);
  });
});

describe('a plan of a session that grows', () => {
  it('knows its stretches again, also when a hole was filled', () => {
    const before = new SessionPlan(session([recording('C..-.C.')]));
    const [first, second] = before.stretches;
    const longer = new SessionPlan(session([recording('C..-.C..')]));
    expect(longer.grownFrom(first!)?.segments).toHaveLength(3);
    expect(longer.grownFrom(second!)?.segments).toHaveLength(3);
    const filled = new SessionPlan(session([recording('C....C..')]));
    expect(filled.grownFrom(first!)).toBe(filled.grownFrom(second!));
    const broken = new SessionPlan(session([recording('C-.-.C..')]));
    expect(broken.grownFrom(first!)).toBeUndefined();
  });
});

describe('the model of a session that grows', () => {
  it('marks what is new, and keeps what it knows exactly', () => {
    const model = new SessionModel(session([recording('C')]));
    model.learn('r', 0, [{ type: 4, timestamp: 10, data: { href: 'https://shop/exact' } }]);
    const clicked = { ...segment(1, false), clickCount: 2 };
    expect(model.grow(live('r', [{ ...clicked, url: 'https://shop/exact' }]))).toBe(true);
    expect(model.marks.map((m) => [m.kind, m.label])).toEqual([
      ['navigation', 'https://shop/exact'],
      ['click', '2 clicks'],
    ]);
    expect(model.plan.to).toBe(1900);
    expect(model.grow(live('r', [clicked]))).toBe(false);
    expect(model.learn('r', 1, [])).toBe(true);
  });
});
