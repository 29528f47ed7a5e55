import { describe, expect, it } from 'vitest';
import type { Mark, MarkKind } from '../../engine/timeline/marks.js';
import { clusters, outline, percent, range } from './axis.js';

const axis = { from: 1000, to: 2000 };
const mark = (kind: MarkKind, time: number): Mark => ({
  id: `${kind}${time}`,
  kind,
  time,
  label: '',
});

describe('the time line', () => {
  it('keeps what is outside of it at its ends', () => {
    expect([500, 1250, 9000].map((t) => percent(t, axis))).toEqual(['0%', '25%', '100%']);
    expect(range(500, 1500, axis)).toEqual({ left: '0%', width: '50%' });
    expect(percent(7, { from: 5, to: 5 })).toBe('0%');
  });

  it('draws a crowd as its heaviest mark, where it begins', () => {
    const marks = [
      mark('rage_click', 1000),
      mark('click', 1004),
      mark('error', 1008),
      mark('freeze', 1030),
      mark('visibility', 1031),
    ];
    const problems = clusters(marks, 'problems', 10);
    expect(problems.map((c) => [c.mark.kind, c.time, c.marks.length])).toEqual([
      ['error', 1000, 2],
      ['freeze', 1030, 1],
    ]);
    expect(clusters(marks, 'events', 10).map((c) => c.mark.kind)).toEqual(['click']);
    expect(clusters(marks, 'problems', 0)).toHaveLength(3);
  });

  it('outlines a strip, flat where nothing happened', () => {
    expect(outline([0, 4, 1], 4)).toBe('M0 1L0 1.000L1 1.000L1 0.000L2 0.000L2 0.500L3 0.500L3 1Z');
    expect(outline([0, 0], 0)).toBe('');
  });
});
