import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recording, segment } from '../../../test/recordings.js';
import { checkpointBefore, playable, segmentAt } from './stretches.js';

describe('playable', () => {
  it('is one stretch when nothing is missing', () => {
    const { stretches, holes } = playable(recording('C..C.'));
    expect(stretches.map((s) => s.segments.map((e) => e.index))).toEqual([[0, 1, 2, 3, 4]]);
    expect(holes).toEqual([]);
  });

  it('loses everything from a hole to the next checkpoint', () => {
    const { stretches, holes } = playable(recording('C.-..C.'));
    expect(stretches.map((s) => s.segments.map((e) => e.index))).toEqual([
      [0, 1],
      [5, 6],
    ]);
    expect(holes).toEqual([{ recordingId: 'r', from: 1900, to: 5000, kind: 'lost' }]);
  });

  it('has no start without a checkpoint', () => {
    const { stretches, holes } = playable(recording('...'));
    expect(stretches).toEqual([]);
    expect(holes).toEqual([{ recordingId: 'r', from: 0, to: 2900, kind: 'no_snapshot' }]);
  });

  it('begins where a released buffer begins: that is a start, not a gap', () => {
    const whole = recording('C....C.');
    const { stretches, holes } = playable({ ...whole, segments: whole.segments.slice(5) });
    expect(stretches).toHaveLength(1);
    expect(holes).toEqual([]);
  });

  it('treats a segment that cannot be read as lost', () => {
    const { stretches } = playable(recording('C..C.'), new Set([1]));
    expect(stretches.map((s) => s.segments.map((e) => e.index))).toEqual([[0], [3, 4]]);
  });

  it('joins the parts of a segment, and loses it when one is missing', () => {
    const parts = [0, 1].map((partIndex) => ({ ...segment(1, false), partIndex, partCount: 2 }));
    const base = recording('C..');
    const others = base.segments.filter((s) => s.index !== 1);
    const joined = playable({ ...base, segments: [...others, ...parts] });
    expect(joined.stretches[0]?.segments.map((s) => s.index)).toEqual([0, 1, 2]);
    expect(joined.stretches[0]?.segments[1]?.bytes).toBe(200);
    const cut = playable({ ...base, segments: [...others, parts[0]!] });
    expect(cut.stretches[0]?.segments.map((s) => s.index)).toEqual([0]);
  });

  it('holds for every recording: in order, once each, nothing after a hole but a checkpoint', () => {
    const shape = fc.array(fc.constantFrom('C', '.', '-'), { maxLength: 30 });
    const shuffle = fc.array(fc.nat(), { minLength: 60, maxLength: 60 });
    fc.assert(
      fc.property(shape, shuffle, (letters, keys) => {
        const whole = recording(letters.join(''));
        const mixed = [...whole.segments, ...whole.segments]
          .map((entry, at) => ({ entry, key: keys[at] ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ entry }) => entry);
        const { stretches, holes } = playable({ ...whole, segments: mixed });
        const played = stretches.flatMap((s) => s.segments.map((e) => e.index));
        expect(played).toEqual([...new Set(played)].sort((a, b) => a - b));
        for (const { segments } of stretches) {
          expect(segments[0]?.checkpoint).toBe(true);
          segments.forEach((e, at) => expect(e.index).toBe(segments[0]!.index + at));
        }
        // A segment is played exactly if a checkpoint comes before it with nothing missing between.
        letters.forEach((letter, index) => {
          const before = letters.slice(0, index + 1).join('');
          const tail = before.slice(before.lastIndexOf('-') + 1);
          expect(played.includes(index)).toBe(letter !== '-' && tail.includes('C'));
        });
        for (const hole of holes) expect(hole.from).toBeLessThanOrEqual(hole.to);
      }),
    );
  });
});

describe('positions', () => {
  it('finds the checkpoint and the segment of a time', () => {
    const stretch = playable(recording('C..C.')).stretches[0]!;
    expect([0, 999, 2950, 3000, 9999].map((t) => checkpointBefore(stretch, t))).toEqual([
      0, 0, 0, 3, 3,
    ]);
    expect([0, 999, 1000, 3000, 9999].map((t) => segmentAt(stretch, t))).toEqual([0, 0, 1, 3, 4]);
  });
});
