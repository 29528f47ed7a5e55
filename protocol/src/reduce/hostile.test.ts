/** Whatever comes, the reducer does not throw, stays within its bounds, and counts what it could not do. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyEvents, anyValue } from '../../test/events.js';
import {
  add,
  checkpoint,
  element,
  ID,
  incremental,
  mutation,
  nodesOf,
  T0,
} from '../../test/page.js';
import type { Node } from '../../test/page.js';
import type { ReplayEvent } from '../segment.js';
import { createReducer } from './reducer.js';

const RUNS = { numRuns: 300 };
const NOW = T0 + 1;

function snapshotOf(events: readonly ReplayEvent[]): ReplayEvent[] | undefined {
  const reducer = createReducer({ maxNodes: 200 });
  for (const event of events) reducer.apply(event);
  expect(reducer.size).toBeLessThanOrEqual(200);
  return reducer.snapshotAt(NOW);
}

/** Each node once, and as JSON. */
function expectSound(snapshot: ReplayEvent[] | undefined): void {
  const text = JSON.stringify(snapshot ?? []);
  const root = (snapshot?.[1]?.data as { node: Node } | undefined)?.node;
  if (root === undefined) return;
  const trees = [root];
  for (const { data } of snapshot!.slice(2) as { data: Node }[]) {
    if (data['source'] === 0) trees.push((data['adds'] as { node: Node }[])[0]!.node);
  }
  const ids = trees.flatMap((tree) => [...nodesOf(tree).keys()]);
  expect(new Set(ids).size).toBe(ids.length);
  expect(text.length).toBeGreaterThan(0);
}

const id = fc.oneof(fc.integer({ min: 1, max: 24 }), fc.constantFrom(-1, 0, 99, null, 1.5, '3'));
const tag = fc.constantFrom('div', 'style', 'iframe', 'textarea', 'html', 'video', '__proto__');
const node = fc.record({
  type: fc.constantFrom(0, 1, 2, 2, 2, 3, 9),
  id,
  tagName: tag,
  textContent: fc.string(),
  attributes: fc.oneof(
    fc.constant({}),
    fc.dictionary(fc.constantFrom('style', 'value', '_cssText', '__proto__'), anyValue),
  ),
  childNodes: fc.oneof(fc.constant([]), anyValue),
  rootId: fc.oneof(fc.constant(undefined), id),
  isShadow: fc.boolean(),
});
const incrementals = fc.record({
  type: fc.constant(3),
  timestamp: fc.constant(T0),
  data: fc.oneof(
    fc.record({
      source: fc.constant(0),
      removes: fc.array(fc.record({ id, parentId: id }), { maxLength: 3 }),
      adds: fc.array(fc.record({ parentId: id, nextId: id, node }), { maxLength: 6 }),
      texts: fc.array(fc.record({ id, value: anyValue }), { maxLength: 3 }),
      attributes: fc.array(fc.record({ id, attributes: anyValue }), { maxLength: 3 }),
    }),
    fc.record({
      source: fc.nat(16),
      id,
      styleId: id,
      styleIds: anyValue,
      styles: anyValue,
      adds: anyValue,
      set: anyValue,
      positions: anyValue,
      type: fc.nat(11),
      commands: anyValue,
    }),
    anyValue,
  ),
});

describe('hostile events', () => {
  it('survives any events', () => {
    fc.assert(
      fc.property(anyEvents, (events) => expectSound(snapshotOf(events))),
      RUNS,
    );
  });

  it('survives changes of a page that make no sense', () => {
    fc.assert(
      fc.property(fc.array(incrementals, { maxLength: 30 }), (events) =>
        expectSound(snapshotOf([...checkpoint(), ...(events as ReplayEvent[])])),
      ),
      RUNS,
    );
  });

  it('puts nothing into itself', () => {
    const snapshot = snapshotOf([
      ...checkpoint(),
      mutation({
        adds: [add(ID.list, element(ID.body, 'body')), add(ID.list, element(ID.list, 'div'))],
      }),
      mutation({ adds: [add(90, element(91, 'p')), add(91, element(90, 'p'))] }),
    ]);
    expectSound(snapshot);
  });

  it('leaves out what is deeper than any page, and does not end for it', () => {
    const deep: Node[] = [];
    for (let i = 0; i < 50_000; i++)
      deep.push(add(i === 0 ? ID.list : 99 + i, element(100 + i, 'p')));
    const reducer = createReducer();
    for (const event of [...checkpoint(), mutation({ adds: deep })]) reducer.apply(event);
    expect(reducer.size).toBeGreaterThan(50_000);
    expect(JSON.stringify(reducer.snapshotAt(NOW)).length).toBeLessThan(1_000_000);
    expect(reducer.misses).toBeGreaterThan(0);
  });

  it('takes as long for a long list as for many short ones', () => {
    const rows = (count: number): Node[] =>
      // Each before the one that came last, as rrweb tells of them.
      Array.from({ length: count }, (_, i) =>
        add(ID.list, element(100 + i, 'p'), i === 0 ? null : 99 + i),
      );
    const reducer = createReducer();
    for (const event of [...checkpoint(), mutation({ adds: rows(50_000) })]) reducer.apply(event);
    const removes = rows(50_000).map((_, i) => ({ parentId: ID.list, id: 100 + i }));
    expect(reducer.size).toBeGreaterThan(50_000);
    reducer.apply(mutation({ removes: removes.slice(0, 49_000) }));
    expect(reducer.misses).toBe(0);
    expect(JSON.stringify(reducer.snapshotAt(NOW)).length).toBeLessThan(200_000);
  });

  it('keeps no more nodes than it may', () => {
    const adds = Array.from({ length: 1000 }, (_, i) => add(ID.list, element(100 + i, 'p')));
    expectSound(snapshotOf([...checkpoint(), mutation({ adds })]));
    const reducer = createReducer({ maxNodes: 3 });
    for (const event of checkpoint()) reducer.apply(event);
    expect(reducer.size).toBe(3);
    expect(reducer.misses).toBeGreaterThan(0);
  });

  it('keeps of a declaration that changes for ever one', () => {
    const reducer = createReducer();
    for (const event of checkpoint()) reducer.apply(event);
    for (let i = 0; i < 300_000; i++) {
      reducer.apply(
        incremental(13, { id: ID.style, index: [0], set: { property: 'top', value: `${i}px` } }),
      );
    }
    expect(reducer.snapshotAt(NOW)!.length).toBeLessThan(10);
    expect(reducer.misses).toBe(0);
  });
});
