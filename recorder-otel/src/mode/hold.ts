/**
 * Before anything leaves: a page that nobody uses, such as one of many tabs that a browser opens
 * again, ships nothing. What is recorded meanwhile waits here, in memory.
 */
import type { Segment } from '../segment/packer.js';

export interface HoldOptions {
  /** Segments wait for `release`; else they pass. */
  holding: boolean;
  maxBytes: number;
  /** In the order in which they were added. */
  onSegment: (segment: Segment) => void;
  /** Nothing of what waited can be played: the next event must begin anew. */
  onOverflow: () => void;
}

export interface Hold {
  add: (segment: Segment) => void;
  /** Somebody is there, or something happened: what waits may go, and all that comes. */
  release: () => void;
  /** Forgets what waits, and holds again. */
  clear(): void;
}

const isStart = ({ header }: Segment): boolean =>
  header.hasFullSnapshot && !header.payload.partIndex;

export function createHold({ holding, maxBytes, onSegment, onOverflow }: HoldOptions): Hold {
  let isHolding = holding;
  const waiting: Segment[] = [];
  let bytes = 0;
  /** More than fits came since the last start; what comes until the next cannot be played. */
  let overflown = false;

  function add(segment: Segment): void {
    if (!isHolding) {
      onSegment(segment);
      return;
    }
    if (overflown && !isStart(segment)) return;
    overflown = false;
    waiting.push(segment);
    bytes += segment.data.length;
    if (bytes <= maxBytes) return;
    // The latest start is worth more than all before it.
    const start = waiting.findLastIndex(isStart);
    drop(start > 0 ? start : waiting.length);
    if (bytes > maxBytes) drop(waiting.length);
    overflown = waiting.length === 0;
  }

  function drop(count: number): void {
    for (const { data } of waiting.splice(0, count)) bytes -= data.length;
  }

  function release(): void {
    if (!isHolding) return;
    isHolding = false;
    bytes = 0;
    for (const segment of waiting.splice(0)) onSegment(segment);
    if (overflown) onOverflow();
    overflown = false;
  }

  function clear(): void {
    drop(waiting.length);
    overflown = false;
    isHolding = holding;
  }

  return { add, release, clear };
}
