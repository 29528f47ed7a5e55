/** The page after all events, as rrweb seeks to it, beside the page from a synthetic checkpoint on. */
import type { ReplayEvent } from '@otel-replay/protocol';
import { createReducer } from '@otel-replay/protocol/reduce';
import type { Page } from 'playwright-core';
import { giveEvents, showReplay } from './replayed.js';

/** Checkpoint and moment, Unix milliseconds. */
export interface Target {
  checkpoint: number;
  time: number;
}

export interface Compared {
  /**
   * Equal to what rrweb shows: by its virtual DOM, which is the default, or else without; without
   * any equal one, the lines that differ.
   */
  equalTo: 'virtual' | 'real' | undefined;
  missing: string[];
  extra: string[];
  misses: number;
}

/** What playback starts with: the page at the checkpoint, and the events from then on. */
export function fromCheckpoint(
  events: readonly ReplayEvent[],
  checkpoint: number,
): { events: ReplayEvent[]; misses: number } {
  const reducer = createReducer();
  const before = events.filter(({ timestamp }) => timestamp < checkpoint);
  // The reducer keeps parts of what it is given.
  for (const event of structuredClone(before)) reducer.apply(event);
  const snapshot = reducer.snapshotAt(checkpoint - 1) ?? [];
  const after = events.filter(({ timestamp }) => timestamp >= checkpoint);
  return { events: [...snapshot, ...after], misses: reducer.misses };
}

/** @param name under which {@link giveEvents} handed `events` to the page */
export async function compare(
  page: Page,
  name: string,
  events: readonly ReplayEvent[],
  target: Target,
): Promise<Compared> {
  const { time, checkpoint } = target;
  const synthetic = fromCheckpoint(events, checkpoint);
  const { misses } = synthetic;
  await giveEvents(page, 'synthetic', synthetic.events);
  const found = await showReplay(page, 'synthetic', { time });
  const virtual = await showReplay(page, name, { time });
  const same = { missing: [], extra: [], misses };
  if (isEqual(found, virtual)) return { ...same, equalTo: 'virtual' };
  const real = await showReplay(page, name, { time, useVirtualDom: false });
  if (isEqual(found, real)) return { ...same, equalTo: 'real' };
  const plain = await showReplay(page, 'synthetic', { time, useVirtualDom: false });
  if (isEqual(plain, real)) return { ...same, equalTo: 'real' };
  return {
    ...{ equalTo: undefined, misses },
    missing: without(virtual, found),
    extra: without(found, virtual),
  };
}

export function isEqual(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((line, i) => line === other[i]);
}

/** Lines of `one` that `other` has not, or has less often. */
function without(one: readonly string[], other: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of other) counts.set(line, (counts.get(line) ?? 0) + 1);
  return one.filter((line) => {
    const left = counts.get(line) ?? 0;
    counts.set(line, left - 1);
    return left <= 0;
  });
}
