import type { SegmentHeader } from '@otel-replay/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Segment } from '../segment/packer.js';
import { createHold, type Hold } from './hold.js';

let index = 0;

function segment(size: number, start = false, partIndex?: number): Segment {
  const payload = { partIndex } as SegmentHeader['payload'];
  const header = { index: index++, hasFullSnapshot: start, payload } as SegmentHeader;
  return { header, data: new Uint8Array(size), links: new Map() };
}

function collect(holding = true): { hold: Hold; sent: Segment[]; overflows: () => number } {
  const sent: Segment[] = [];
  let overflows = 0;
  const hold = createHold({
    holding,
    maxBytes: 1000,
    onSegment: (segment) => sent.push(segment),
    onOverflow: () => overflows++,
  });
  return { hold, sent, overflows: () => overflows };
}

test('nothing leaves before the release, then all of it in order, and what follows at once', () => {
  const { hold, sent } = collect();
  const segments = [segment(10, true), segment(10), segment(10)];
  for (const one of segments) hold.add(one);
  expect(sent).toEqual([]);
  hold.release();
  expect(sent).toEqual(segments);
  const later = segment(5000);
  hold.add(later);
  expect(sent.at(-1)).toBe(later);
  hold.release();
  expect(sent.length).toBe(4);
});

test('where nothing is to be held, it passes', () => {
  const { hold, sent } = collect(false);
  hold.add(segment(10));
  hold.clear();
  hold.add(segment(10));
  expect(sent.length).toBe(2);
});

test('beyond its size it begins at the latest start', () => {
  const { hold, sent, overflows } = collect();
  for (const one of [segment(400, true), segment(400), segment(300, true), segment(10)]) {
    hold.add(one);
  }
  hold.release();
  expect(sent.map(({ data }) => data.length)).toEqual([300, 10]);
  expect(overflows()).toBe(0);
});

test('a page too large to wait for asks for a new start once it is released', () => {
  const { hold, sent, overflows } = collect();
  for (let part = 0; part < 4; part++) hold.add(segment(400, true, part));
  hold.add(segment(10));
  hold.release();
  expect(sent).toEqual([]);
  expect(overflows()).toBe(1);
});

test('what is forgotten does not come back, and the next waits again', () => {
  const { hold, sent } = collect();
  hold.add(segment(10, true));
  hold.clear();
  hold.release();
  expect(sent).toEqual([]);
  hold.clear();
  hold.add(segment(10, true));
  expect(sent).toEqual([]);
});

test('what is released is a start and all that followed it, within the size', () => {
  const item = fc.record({ size: fc.nat(500), start: fc.boolean(), clear: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(item), (items) => {
      const { hold, sent, overflows } = collect();
      let added: Segment[] = [];
      for (const { size, start, clear } of items) {
        if (clear === 0) {
          hold.clear();
          added = [];
        }
        const one = segment(size, start || added.length === 0);
        added.push(one);
        hold.add(one);
      }
      hold.release();
      const bytes = sent.reduce((sum, { data }) => sum + data.length, 0);
      expect(bytes).toBeLessThanOrEqual(1000);
      expect(sent).toEqual(added.slice(added.length - sent.length));
      if (sent.length > 0) expect(sent[0]!.header.hasFullSnapshot).toBe(true);
      expect(overflows()).toBe(sent.length === 0 && added.length > 0 ? 1 : 0);
    }),
  );
});
