/** What rrweb tells when nodes move between trees, by hand: in the orders that recorders have told it. */
import type { ReplayEvent } from '@otel-replay/protocol';

const START = 1_700_000_000_000;
/** After all of it, Unix milliseconds. */
export const END = START + 1000;

interface Node {
  type: number;
  id: number;
  [field: string]: unknown;
}

const element = (id: number, tagName: string, childNodes: Node[] = [], more = {}): Node => ({
  ...{ type: 2, id, tagName, attributes: {}, childNodes },
  ...more,
});
const text = (id: number, textContent: string): Node => ({ type: 3, id, textContent });
const documentOf = (id: number, inner: Node): Node => ({ type: 0, id, childNodes: [inner] });

const host = element(5, 'div', [element(6, 'p', [text(8, 'before')], { isShadow: true })], {
  isShadowHost: true,
});
const other = element(7, 'section');
const frame = element(9, 'iframe');
const page = element(2, 'html', [element(3, 'head'), element(4, 'body', [host, other, frame])]);

const inFrame = (words: string): Node =>
  documentOf(
    20,
    element(21, 'html', [element(22, 'head'), element(23, 'body', [text(24, words)])]),
  );

type Change = Partial<Record<'adds' | 'removes' | 'texts' | 'attributes', object[]>> & object;

/** The page, and then one change after the other. */
function told(...changes: Change[]): ReplayEvent[] {
  const size = { href: 'https://shop.example.com/', width: 800, height: 600 };
  const snapshot = { node: documentOf(1, page), initialOffset: { top: 0, left: 0 } };
  return [
    { type: 4, timestamp: START, data: size },
    { type: 2, timestamp: START, data: snapshot },
    ...changes.map((change, i) => ({
      ...{ type: 3, timestamp: START + 10 * (i + 1) },
      data: { source: 0, texts: [], attributes: [], removes: [], adds: [], ...change },
    })),
    { type: 5, timestamp: END, data: { tag: 'end', payload: null } },
  ];
}

const added = (parentId: number, node: Node): object => ({ parentId, nextId: null, node });
const leaves = { removes: [{ parentId: 5, id: 6, isShadow: true }] };
const attached = (words: string): object => ({
  adds: [added(9, inFrame(words))],
  isAttachIframe: true,
});
const rest = ['2 html', ' 3 head', ' 4 body'];

export interface Told {
  name: string;
  events: ReplayEvent[];
  /** Where nodes are at the end. */
  lines: string[];
}

/** Each with what a browser showed. */
export const MOVES: readonly Told[] = [
  {
    name: 'a node that arrives before it is told to leave',
    events: told({ adds: [added(7, element(6, 'p')), added(6, text(8, 'before'))] }, leaves, {
      texts: [{ id: 8, value: 'after' }],
    }),
    lines: ['5 div', '7 section', ' 6 p', '  8 "after"', '9 iframe'],
  },
  {
    name: 'a node that changed on its way',
    events: told(
      {
        adds: [
          added(7, element(6, 'p', [], { attributes: { title: 'moved' } })),
          added(6, text(8, 'before')),
        ],
      },
      leaves,
      { texts: [{ id: 8, value: 'after' }] },
    ),
    lines: ['5 div', '7 section', ' 6 p', '  8 "after"', '9 iframe'],
  },
  {
    name: 'a frame that moves, with a new document',
    events: told(
      attached('first'),
      { removes: [{ parentId: 4, id: 9 }], adds: [added(7, element(9, 'iframe'))] },
      attached('first'),
      { texts: [{ id: 24, value: 'second' }] },
    ),
    lines: [
      ...['5 div', '#shadow', ' 6 p', '  8 "before"', '#light', '7 section', ' 9 iframe'],
      ...['  20 #document', '   21 html', '    22 head', '    23 body', '     24 "second"'],
    ],
  },
].map((each) => ({
  ...each,
  lines: ['1 #document', ...rest.map((line) => ` ${line}`), ...each.lines.map((l) => `   ${l}`)],
}));
