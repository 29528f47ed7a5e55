import { describe, expect, it } from 'vitest';
import {
  add,
  checkpoint,
  element,
  ID,
  incremental,
  mutation,
  nodesOf,
  page,
  T0,
  text,
} from '../../test/page.js';
import type { Node } from '../../test/page.js';
import type { ReplayEvent } from '../segment.js';
import { createReducer } from './reducer.js';

const NOW = T0 + 5000;

function reduce(...events: ReplayEvent[]) {
  const reducer = createReducer();
  for (const event of [...checkpoint(), ...events]) reducer.apply(event);
  const snapshot = reducer.snapshotAt(NOW)!;
  const nodes = nodesOf((snapshot[1]!.data as { node: Node }).node);
  const rest = snapshot.slice(2).map(({ data }) => data as Node);
  return {
    reducer,
    snapshot,
    nodes,
    rest,
    of: (source: number) => rest.filter((d) => d['source'] === source),
  };
}

const childIds = (node: Node | undefined): unknown[] =>
  (node!['childNodes'] as Node[]).map(({ id }) => id);

describe('createReducer', () => {
  it('tells of the page as it was recorded when nothing happened', () => {
    const { snapshot, reducer } = reduce();
    const [meta, full] = snapshot;
    expect(meta).toEqual({ ...checkpoint()[0], timestamp: NOW });
    const { node, initialOffset } = full!.data as Node;
    expect(initialOffset).toEqual({ top: 5, left: 0 });
    // What of a text area rrweb does not build.
    const expected = page();
    nodesOf(expected).get(ID.area)!['childNodes'] = [];
    nodesOf(expected).get(ID.video)!['attributes'] = {
      rr_mediaState: 'played',
      rr_mediaCurrentTime: 15,
    };
    expect(node).toEqual(expected);
    expect(snapshot.every(({ timestamp }) => timestamp === NOW)).toBe(true);
    expect(reducer.misses).toBe(0);
  });

  it('has nothing to tell before the first full snapshot', () => {
    const reducer = createReducer();
    reducer.apply(mutation({ adds: [add(1, element(2, 'p'))] }));
    expect(reducer.snapshotAt(NOW)).toBeUndefined();
    expect(reducer.misses).toBe(1);
  });

  it('adds in any order, before what is named, and moves what is there', () => {
    const { nodes, reducer } = reduce(
      mutation({
        adds: [
          add(20, text(22, 'in it')),
          add(ID.list, element(21, 'i'), 20),
          add(ID.list, element(20, 'b'), ID.text),
        ],
      }),
      mutation({
        removes: [{ parentId: ID.list, id: 21 }],
        adds: [add(ID.list, element(21, 'i'))],
      }),
      mutation({ adds: [add(ID.body, element(20, 'b'), ID.list)] }),
    );
    expect(childIds(nodes.get(ID.list))).toEqual([ID.text, 21]);
    expect(childIds(nodes.get(ID.body)).slice(0, 2)).toEqual([20, ID.list]);
    expect(childIds(nodes.get(20))).toEqual([22]);
    expect(reducer.misses).toBe(0);
  });

  it('changes texts, attributes and inline styles', () => {
    const { nodes } = reduce(
      mutation({
        texts: [{ id: ID.text, value: 'bye' }],
        attributes: [
          {
            id: ID.list,
            attributes: {
              title: 'x',
              style: { color: false, top: ['2px', 'important'], left: 'calc(1px + 2px)' },
            },
          },
          { id: ID.input, attributes: { type: null } },
        ],
      }),
    );
    expect(nodes.get(ID.text)!['textContent']).toBe('bye');
    expect(nodes.get(ID.list)!['attributes']).toEqual({
      title: 'x',
      style: 'top: 2px !important; left: calc(1px + 2px);',
    });
    expect(nodes.get(ID.input)!['attributes']).toEqual({ value: 'a' });
  });

  it('gives the CSS of a style to its text nodes as soon as one of them changes', () => {
    const rule = incremental(8, { id: ID.style, adds: [{ rule: 'i { top: 0 }', index: 0 }] });
    expect(reduce(rule).of(8)).toHaveLength(1);
    const { nodes, of } = reduce(
      rule,
      mutation({ adds: [add(ID.style, text(20, 'b { top: 1px }'))] }),
    );
    expect(nodes.get(ID.style)!['attributes']).toEqual({});
    expect(nodes.get(ID.css)).toMatchObject({ textContent: 'p { top: 0px; }', isStyle: true });
    expect(of(8)).toHaveLength(0);
  });

  it('keeps of a text area one text: the value, or the child that came later', () => {
    const { nodes } = reduce(mutation({ adds: [add(ID.area, text(20, 'new'))] }));
    expect(nodes.get(ID.area)).toMatchObject({ attributes: {}, childNodes: [{ id: 20 }] });
    const later = reduce(
      mutation({ attributes: [{ id: ID.area, attributes: { value: 'other' } }] }),
    );
    expect(later.nodes.get(ID.area)).toMatchObject({
      attributes: { value: 'other' },
      childNodes: [],
    });
  });

  it('tells of the documents of frames by mutations, the outer ones first', () => {
    const inner = { type: 0, id: 30, childNodes: [element(31, 'html', {}, element(32, 'iframe'))] };
    const innermost = { type: 0, id: 40, childNodes: [element(41, 'html')] };
    const attach = (frame: number, node: Node): ReplayEvent =>
      mutation({ adds: [add(frame, node)], isAttachIframe: true });
    // The inner one is told of before its frame is there.
    const { of, reducer } = reduce(
      attach(32, innermost),
      attach(ID.frame, inner),
      incremental(3, { id: 30, x: 0, y: 9 }),
    );
    expect(of(0).map((data) => (data['adds'] as Node[])[0])).toEqual([
      { parentId: ID.frame, nextId: null, node: inner },
    ]);
    expect(of(3)).toHaveLength(1);
    expect(reducer.misses).toBe(0);
    const again = reduce(attach(ID.frame, inner), attach(32, innermost));
    expect(again.of(0).map((data) => (data['adds'] as Node[])[0]!['parentId'])).toEqual([
      ID.frame,
      32,
    ]);
    const gone = reduce(
      attach(ID.frame, inner),
      mutation({ removes: [{ parentId: ID.body, id: ID.frame }] }),
    );
    expect(gone.of(0)).toEqual([]);
  });

  it('makes a shadow host of what gets a shadow root later', () => {
    const { nodes } = reduce(
      mutation({ adds: [add(ID.list, { ...element(20, 'p'), isShadow: true })] }),
    );
    expect(nodes.get(ID.list)).toMatchObject({ isShadowHost: true });
    expect(nodes.get(20)).toMatchObject({ isShadow: true });
  });

  describe('of nodes that move between trees, which tell of it in any order', () => {
    const shadowed = (id: number) => ({ ...element(id, 'p'), isShadow: true });
    const inShadow = mutation({ adds: [add(ID.host, shadowed(20)), add(20, text(21, 'in it'))] });
    const moved = (parentId: number) => [
      add(parentId, element(20, 'p')),
      add(20, text(21, 'in it')),
    ];

    it('keeps what arrived before it is told to leave a shadow tree of the same host', () => {
      const { nodes, reducer } = reduce(
        inShadow,
        mutation({ adds: moved(ID.host) }),
        mutation({ removes: [{ parentId: ID.host, id: 20, isShadow: true }] }),
      );
      expect(childIds(nodes.get(ID.host))).toEqual([ID.inShadow, 20]);
      expect(nodes.get(20)!['isShadow']).toBeUndefined();
      expect(childIds(nodes.get(20))).toEqual([21]);
      expect(reducer.misses).toBe(1);
    });

    it('keeps what arrived before it is told to leave what is gone', () => {
      const { nodes } = reduce(
        inShadow,
        mutation({ removes: [{ parentId: ID.body, id: ID.host }], adds: moved(ID.list) }),
        mutation({ removes: [{ parentId: ID.host, id: 20, isShadow: true }] }),
      );
      expect(childIds(nodes.get(ID.list))).toEqual([ID.text, 20]);
    });

    it('tells of it as part of the tree where it is', () => {
      const { nodes } = reduce(
        mutation({ adds: moved(ID.list) }),
        mutation({ adds: [add(ID.host, { ...shadowed(20), rootId: ID.document })] }),
        mutation({ removes: [{ parentId: ID.list, id: 20 }] }),
      );
      expect(nodes.get(20)).toMatchObject({ isShadow: true, rootId: ID.document });
      expect(childIds(nodes.get(ID.host))).toEqual([ID.inShadow, 20]);
    });

    it('forgets what a browser forgets: how far it is scrolled, and what was done to rules', () => {
      const style = () => add(ID.host, element(ID.style, 'style', { _cssText: 'p { top: 0px; }' }));
      const { of, nodes } = reduce(
        incremental(8, { id: ID.style, adds: [{ rule: 'i { top: 0 }', index: 0 }] }),
        mutation({ adds: [add(ID.list, element(20, 'p'))] }),
        incremental(3, { id: 20, x: 0, y: 9 }),
        mutation({ adds: [style(), add(ID.host, element(20, 'p'))] }),
      );
      expect(of(3)).toEqual([]);
      expect(nodes.get(ID.style)!['attributes']).toEqual({ _cssText: 'p { top: 0px; }' });
      expect(of(8)).toEqual([]);
    });
  });

  it('keeps the last of values, scroll positions, focus and pointer, and forgets those of nodes that went', () => {
    const events = [
      incremental(5, { id: ID.input, text: 'a', isChecked: false }),
      incremental(5, { id: ID.input, text: 'ab', isChecked: false }),
      incremental(3, { id: ID.document, x: 0, y: 10 }),
      incremental(3, { id: ID.document, x: 0, y: 20 }),
      incremental(2, { type: 5, id: ID.input }),
      incremental(1, { positions: [{ x: 1, y: 2, id: ID.input, timeOffset: -20 }] }),
      incremental(4, { width: 320, height: 480 }),
    ];
    const { of, snapshot } = reduce(...events);
    expect(of(5)).toEqual([{ source: 5, id: ID.input, text: 'ab', isChecked: false }]);
    expect(of(3)).toEqual([{ source: 3, id: ID.document, x: 0, y: 20 }]);
    expect(of(1)).toEqual([
      { source: 1, positions: [{ x: 1, y: 2, id: ID.input, timeOffset: 0 }] },
    ]);
    expect(snapshot[0]!.data).toMatchObject({ width: 320, height: 480 });
    const gone = reduce(...events, mutation({ removes: [{ parentId: ID.body, id: ID.input }] }));
    expect(gone.rest.map(({ source }) => source)).toEqual([3]);
  });

  it('keeps rules in order, but of a declaration that is set again only the last', () => {
    const set = (value: string) =>
      incremental(13, { id: ID.style, index: [0], set: { property: 'top', value } });
    const { rest } = reduce(
      set('1px'),
      set('2px'),
      incremental(8, { id: ID.style, removes: [{ index: 0 }] }),
      set('3px'),
    );
    expect(rest.map((d) => (d['set'] as Node | undefined)?.['value'])).toEqual([
      '2px',
      undefined,
      '3px',
    ]);
  });

  it('makes adopted sheets before they are changed, also those that nobody uses now', () => {
    const { rest } = reduce(
      incremental(15, { id: ID.host, styles: [{ styleId: 1, rules: [] }], styleIds: [1] }),
      incremental(8, { styleId: 1, adds: [{ rule: 'b {}', index: 0 }] }),
      incremental(15, { id: ID.host, styleIds: [] }),
    );
    expect(rest).toEqual([
      { source: 15, id: ID.document, styles: [{ styleId: 1, rules: [] }], styleIds: [] },
      { source: 15, id: ID.host, styleIds: [] },
      { source: 8, styleId: 1, adds: [{ rule: 'b {}', index: 0 }] },
    ]);
  });

  it('moves media on that play', () => {
    const { of } = reduce(
      incremental(7, { id: ID.video, type: 0, currentTime: 2, playbackRate: 2 }, 1000),
    );
    expect(of(7)).toEqual([{ source: 7, id: ID.video, type: 0, currentTime: 10, playbackRate: 2 }]);
  });

  it('goes on from its own snapshot as if nothing had been', () => {
    const before = [
      mutation({ adds: [add(ID.list, element(20, 'b'))] }),
      incremental(5, { id: ID.input, text: 'x', isChecked: true }),
    ];
    const after = mutation({
      removes: [{ parentId: ID.list, id: ID.text }],
      texts: [{ id: 20, value: '' }],
    });
    const whole = reduce(...before, after);
    const next = createReducer();
    for (const event of [...reduce(...before).snapshot, after]) next.apply(event);
    const { misses } = next;
    expect(misses).toBe(whole.reducer.misses);
    const second = next.snapshotAt(NOW)!;
    nodesOf((second[1]!.data as { node: Node }).node).get(ID.video)!['attributes'] =
      whole.nodes.get(ID.video)!['attributes'];
    expect(second).toEqual(whole.snapshot);
  });
});
