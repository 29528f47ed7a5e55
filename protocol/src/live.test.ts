import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeLiveCursor,
  encodeLiveEvent,
  knownWithoutHole,
  LiveEventReader,
  parseLiveCursor,
  type LiveEvent,
} from './live.js';

const id = (n: number): string => n.toString(16).padStart(32, '0');

const EVENTS: LiveEvent[] = [
  { type: 'state', data: { state: 'buffering' } },
  { type: 'decision', data: { policy: 'p', reason: 'two\nlines: é', decidedAt: 1, keepUntil: 2 } },
  {
    type: 'segments',
    data: { recordingId: id(1), firstIndex: 0, lastIndex: 0, lastTimestamp: 9, segments: [] },
  },
  { type: 'spans', data: { count: 3 } },
  { type: 'ended', data: { lastTimestamp: 9 } },
  { type: 'gone', data: { reason: 'deleted' } },
];

describe('cursor of a live stream', () => {
  it('comes back as it was', () => {
    const anyCursor = fc
      .uniqueArray(fc.tuple(fc.nat().map(id), fc.nat()), {
        selector: ([key]) => key,
        maxLength: 32,
      })
      .map((entries) => new Map(entries));
    fc.assert(
      fc.property(anyCursor, (cursor) => {
        expect([...parseLiveCursor(encodeLiveCursor(cursor))]).toEqual([...cursor]);
      }),
    );
  });

  it('names the newest recordings only', () => {
    const cursor = new Map(Array.from({ length: 40 }, (_, i) => [id(i), i]));
    const text = encodeLiveCursor(cursor);
    expect(text.length).toBeLessThan(1500);
    expect([...parseLiveCursor(text).values()]).toEqual(
      Array.from({ length: 32 }, (_, i) => i + 8),
    );
  });

  it('refuses what is none', () => {
    for (const text of ['x', `${id(1)}:`, `${id(1)}:-1`, `${id(1)}:1;`, `${id(1)}:1e9`]) {
      expect(() => parseLiveCursor(text)).toThrow('Last-Event-ID');
    }
    expect(parseLiveCursor('').size).toBe(0);
  });

  it('ends at a hole', () => {
    expect(knownWithoutHole([])).toBeUndefined();
    expect(knownWithoutHole([4, 5, 5, 6])).toBe(6);
    expect(knownWithoutHole([0, 1, 3, 4])).toBe(1);
  });
});

describe('events of a live stream', () => {
  it('are read however the text is cut, comments and strangers left out', () => {
    const stranger = 'event: fireworks\ndata: {}\n\n';
    const text = `retry: 2000\n\n: beat\n\n${stranger}${EVENTS.map((event) => encodeLiveEvent(event, new Map())).join(': beat\n\n')}`;
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const reader = new LiveEventReader();
        const at = [0, ...cuts.sort((a, b) => a - b), text.length];
        const read = at.slice(1).flatMap((end, i) => reader.push(text.slice(at[i], end)));
        expect(read).toEqual(EVENTS);
      }),
    );
  });

  it('may have lines that end by CR LF, and data in several', () => {
    const reader = new LiveEventReader();
    expect(reader.push('event: spans\r\ndata: {"count":\r\ndata: 1}\r\n\r\n')).toEqual([
      { type: 'spans', data: { count: 1 } },
    ]);
  });

  it('are refused when they are no objects', () => {
    for (const data of ['7', 'null', '{']) {
      expect(() => new LiveEventReader().push(`event: spans\ndata: ${data}\n\n`)).toThrow('JSON');
    }
  });
});
