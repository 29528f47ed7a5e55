import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReplayEvent } from '@otel-replay/protocol';
import { EventMasker } from './event-masker.js';
import { createMasks } from './rules.js';

const CARD = '4111 1111 2222 3333';

interface Node {
  type: number;
  id: number;
  tagName?: string;
  attributes?: object;
  childNodes?: Node[];
  textContent?: string;
}
type Tree = readonly [tag: string, ...children: (Tree | string)[]];

/** Ids count from 1 in the order of the document. */
function build(tree: Tree | string, count = { id: 0 }): Node {
  const id = ++count.id;
  if (typeof tree === 'string') return { type: 3, id, textContent: tree };
  const [tagName, ...children] = tree;
  const childNodes = children.map((child) => build(child, count));
  if (tagName === '') return { type: 0, id, childNodes };
  return { type: 2, id, tagName, attributes: {}, childNodes };
}

const textsOf = ({ textContent, childNodes = [] }: Node): string[] =>
  textContent === undefined ? childNodes.flatMap(textsOf) : [textContent];

function masker(text: RegExp | string[] = [CARD]): (...events: object[]) => ReplayEvent[] {
  const made = new EventMasker(createMasks({ text })!);
  return (...data) =>
    made.mask(data.map((one) => ({ type: 'node' in one ? 2 : 3, timestamp: 0, data: one })));
}

function shown(tree: Tree): string[] {
  const [event] = masker()({ node: build(['', tree]) });
  return textsOf((event!.data as { node: Node }).node);
}

const mutation = (change: object): object => ({
  ...{ source: 0, adds: [], removes: [], texts: [], attributes: [] },
  ...change,
});

describe('a text that is spread over several nodes', () => {
  it.each<[string, Tree, string[]]>([
    [
      'elements of a line',
      ['p', 'Card ', ['b', '4111'], ' 11', ['i', ['u', '11 2222'], ' 3333'], ' ok'],
      ['Card ', '****', ' **', '** ****', ' ****', ' ok'],
    ],
    ['texts side by side', ['p', '4111 1111', ' 2222 3333!'], ['**** ****', ' **** ****!']],
    [
      'custom elements',
      ['p', ['x-a', '4111 1111 '], ['x-b', '2222 3333']],
      ['**** **** ', '**** ****'],
    ],
    [
      'lines of source',
      ['p', '4111\n  1111', ['b', '\n2222 '], '3333'],
      ['****\n  ****', '\n**** ', '****'],
    ],
    [
      'twice',
      ['p', `${CARD} 4111`, ' 1111 2222 3333'],
      ['**** **** **** **** ****', ' **** **** ****'],
    ],
    // Blocks are read one by one.
    [
      'blocks, which stay',
      ['ul', ['li', '4111 1111'], ['li', ' 2222 3333']],
      ['4111 1111', ' 2222 3333'],
    ],
    ['lines, which stay', ['p', '4111 1111', ['br'], ' 2222 3333'], ['4111 1111', ' 2222 3333']],
  ])('is hidden across %s', (_name, tree, expected) => {
    expect(shown(tree)).toEqual(expected);
  });

  it('is hidden when the rest of it comes later, also where it was shown until then', () => {
    const mask = masker();
    // Document 1, p 2, text 3, b 4, text 5.
    mask({ node: build(['', ['p', 'Card 4111 1111', ['b', ' 22']]]) });
    const added = { type: 3, id: 9, textContent: '3333' };
    const events = mask(
      mutation({ texts: [{ id: 5, value: ' 2222 ' }] }),
      mutation({ adds: [{ parentId: 4, nextId: null, node: added }] }),
      mutation({ removes: [{ id: 9, parentId: 4 }] }),
    );
    expect(events.map(({ data }) => (data as { texts: object[] }).texts)).toEqual([
      [{ id: 5, value: ' 2222 ' }],
      [
        { id: 3, value: 'Card **** ****' },
        { id: 5, value: ' **** ' },
      ],
      // What was hidden stays so.
      [],
    ]);
    expect(added.textContent).toBe('****');
  });

  it('is hidden in whatever order its parts come, and go', () => {
    const piece = fc.constantFrom(
      '4111',
      ' ',
      '1111 ',
      '2222',
      ' 3333',
      '11',
      CARD.slice(0, 9),
      '🂡',
    );
    const step = fc.record({
      kind: fc.constantFrom('add', 'wrap', 'remove', 'change'),
      at: fc.nat(20),
      text: piece,
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const mask = masker();
        mask({ node: build(['', ['p']]) });
        /** What is drawn, and what was recorded, of each child of the paragraph. */
        const drawn: { id: number; textId: number; shown: string; text: string }[] = [];
        let nextId = 10;
        const draw = (id: number, value: string): void => {
          const found = drawn.find(({ textId }) => textId === id);
          if (found !== undefined) found.shown = value;
        };
        for (const { kind, at, text } of steps) {
          const old = drawn[at % (drawn.length + 1)];
          let change: object | undefined;
          let entry: { node: Node; textNode: Node } | undefined;
          if (kind === 'remove' && old !== undefined) {
            drawn.splice(drawn.indexOf(old), 1);
            change = { removes: [{ id: old.id, parentId: 2 }] };
          } else if (kind === 'change' && old !== undefined) {
            old.text = text;
            change = { texts: [{ id: old.textId, value: text }] };
          } else if (kind === 'add' || kind === 'wrap') {
            const textNode = { type: 3, id: nextId++, textContent: text };
            const node =
              kind === 'add'
                ? textNode
                : { type: 2, id: nextId++, tagName: 'b', attributes: {}, childNodes: [textNode] };
            entry = { node, textNode };
            const place = old === undefined ? drawn.length : drawn.indexOf(old);
            drawn.splice(place, 0, { id: node.id, textId: textNode.id, shown: '', text });
            change = { adds: [{ parentId: 2, nextId: old?.id ?? null, node }] };
          }
          if (change === undefined) continue;
          const [event] = mask(mutation(change));
          if (entry !== undefined) draw(entry.textNode.id, entry.textNode.textContent!);
          const { texts } = event!.data as { texts: { id: number; value: string }[] };
          for (const { id, value } of texts) draw(id, value);
          const recorded = drawn.map((one) => one.text).join('');
          const visible = drawn.map((one) => one.shown).join('');
          // Where a secret stands in what was recorded there is nothing of it in what is drawn.
          expect(visible.length).toBe(recorded.length);
          for (const { index } of recorded.matchAll(/4111\s+1111\s+2222\s+3333/g)) {
            expect(visible.slice(index, index + CARD.length)).not.toMatch(/\d/);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is searched in a paragraph of any size', () => {
    const many = Array.from({ length: 4000 }, (): Tree => ['b', 'word ']);
    const texts = shown(['p', ...many, '4111 1111 ', ['b', '2222 3333'], ...many]);
    expect(texts.slice(4000, 4002)).toEqual(['**** **** ', '**** ****']);
  });
});
