/** One forged recording that tries everything: in the snapshot, in mutations, in style sheets. */
import type { ReplayEvent } from '@otel-replay/protocol';
import { extraElements, extraHeads, extraRules } from './hostile-extras.js';
import { strangeEvents } from './hostile-strange.js';
import { RUN, elements, heads, hostileAttributes, type Forged } from './hostile-elements.js';

interface Built {
  id: number;
  childNodes?: Built[];
}

function flatten(node: Built, parentId: number): object[] {
  const { childNodes = [], ...own } = node;
  const alone = 'childNodes' in node ? { ...own, childNodes: [] } : own;
  return [
    { parentId, nextId: null, node: alone },
    ...childNodes.flatMap((child) => flatten(child, node.id)),
  ];
}

/** @param remote address of a server that must hear nothing */
export function hostileEvents(remote: string): ReplayEvent[] {
  const start = 1_772_442_000_000;
  let id = 100;
  const build = ({ tagName, attributes = {}, text, isSVG, children = [] }: Forged): object => ({
    type: 2,
    id: ++id,
    tagName,
    attributes,
    ...(isSVG === true ? { isSVG } : {}),
    childNodes: [
      ...(text === undefined
        ? []
        : [
            {
              type: 3,
              id: ++id,
              textContent: text,
              ...(tagName === 'style' ? { isStyle: true } : {}),
            },
          ]),
      ...children.map(build),
    ],
  });
  const attacks = (where: string): Forged[] => [
    ...elements(`${remote}/${where}`),
    ...extraElements(`${remote}/${where}`),
  ];
  const allHeads = (where: string): Forged[] => [
    ...heads(`${remote}/${where}`),
    ...extraHeads(`${remote}/${where}`),
  ];
  const snapshot = {
    type: 0,
    id: 1,
    childNodes: [
      { type: 1, id: 2, name: 'html', publicId: '', systemId: '' },
      {
        type: 2,
        id: 3,
        tagName: 'html',
        attributes: { manifest: `${remote}/manifest`, onclick: RUN },
        childNodes: [
          {
            type: 2,
            id: 4,
            tagName: 'head',
            attributes: {},
            childNodes: allHeads('head').map(build),
          },
          {
            type: 2,
            id: 5,
            tagName: 'body',
            attributes: { background: `${remote}/body`, onload: RUN, onfocus: RUN },
            childNodes: [
              ...attacks('snapshot').map(build),
              { type: 2, id: 50, tagName: 'img', attributes: {}, childNodes: [] },
              { type: 2, id: 51, tagName: 'a', attributes: {}, childNodes: [] },
              { type: 2, id: 52, tagName: 'iframe', attributes: {}, childNodes: [] },
              { type: 2, id: 53, tagName: 'p', attributes: {}, childNodes: [] },
              {
                type: 2,
                id: 54,
                tagName: 'style',
                attributes: {},
                childNodes: [{ type: 3, id: 55, textContent: 'p{color:red}', isStyle: true }],
              },
            ],
          },
        ],
      },
    ],
  };
  const incremental = (offset: number, data: object): ReplayEvent => ({
    type: 3,
    timestamp: start + offset,
    data,
  });
  const mutation = (offset: number, change: object): ReplayEvent =>
    incremental(offset, { source: 0, adds: [], removes: [], texts: [], attributes: [], ...change });
  /** Mutations name each node on its own, parents first. */
  const add = (element: Forged): object[] => flatten(build(element) as Built, 5);
  return [
    { type: 4, timestamp: start, data: { href: `${remote}/page`, width: 900, height: 600 } },
    { type: 2, timestamp: start + 1, data: { node: snapshot, initialOffset: { top: 0, left: 0 } } },
    mutation(500, { adds: [...allHeads('late'), ...attacks('mutation')].flatMap(add) }),
    mutation(700, { attributes: hostileAttributes(remote) }),
    mutation(800, {
      texts: [{ id: 55, value: `@import "${remote}/text"; p{background:url(${remote}/textbg)}` }],
    }),
    incremental(900, {
      source: 8,
      id: 54,
      adds: [
        { rule: `p{background-image:url("${remote}/rule")}`, index: 0 },
        { rule: `@font-face{font-family:x;src:url(${remote}/rulefont)}`, index: 0 },
        { rule: `p{font-family:x;background:image-set("${remote}/set" 1x)}`, index: 0 },
        ...extraRules(`${remote}/rules`).map((rule) => ({ rule, index: 0 })),
      ],
    }),
    incremental(950, {
      source: 13,
      id: 54,
      index: [0],
      set: { property: 'background', value: `url(${remote}/declaration)` },
    }),
    incremental(1000, {
      source: 15,
      id: 1,
      styleIds: [1],
      styles: [{ styleId: 1, rules: [{ rule: `p{background:url(${remote}/adopted)}`, index: 0 }] }],
    }),
    incremental(1050, {
      source: 10,
      family: 'x',
      fontSource: `url(${remote}/font)`,
      buffer: false,
    }),
    incremental(1100, {
      source: 9,
      id: 50,
      type: 0,
      property: 'drawImage',
      args: [{ rr_type: 'Promise', args: [{ rr_type: 'Function', args: [RUN] }] }],
    }),
    incremental(1150, {
      source: 9,
      id: 50,
      type: 0,
      property: 'drawImage',
      args: [{ rr_type: 'EventSource', args: [`${remote}/canvas`] }],
    }),
    incremental(1200, { source: 2, type: 2, id: 51, x: 5, y: 5 }),
    incremental(1250, { source: 2, type: 5, id: 50 }),
    {
      type: 5,
      timestamp: start + 1300,
      data: { tag: 'session_replay.navigation', payload: { url: `javascript:${RUN}` } },
    },
    ...strangeEvents(remote, start + 1400),
    mutation(2000, { adds: add({ tagName: 'p', text: 'after all of it' }) }),
    incremental(3000, { source: 3, id: 1, x: 0, y: 10 }),
  ];
}
