/** A small page and what happens to it, as rrweb events; ids are told by what they are. */
import type { ReplayEvent } from '../src/segment.js';

export const ID = {
  ...{ document: 1, doctype: 2, html: 3, head: 4, style: 5, css: 6, body: 7, list: 8, text: 9 },
  ...{ input: 10, area: 11, areaText: 12, frame: 13, host: 14, inShadow: 15, video: 16 },
} as const;

export const T0 = 1_767_225_600_000;

export type Node = Record<string, unknown>;

export function element(id: number, tagName: string, attributes: Node = {}, ...childNodes: Node[]) {
  return { type: 2, id, tagName, attributes, childNodes };
}

export function text(id: number, textContent: string): Node {
  return { type: 3, id, textContent };
}

export function page(): Node {
  const style = element(ID.style, 'style', { _cssText: 'p { top: 0px; }' }, text(ID.css, ''));
  const shadow = { ...element(ID.inShadow, 'b'), isShadow: true };
  const host = { ...element(ID.host, 'x-host', {}, shadow), isShadowHost: true };
  const body = element(
    ...([ID.body, 'body', {}] as const),
    element(ID.list, 'div', { style: 'color: red; top: 1px' }, text(ID.text, 'hello')),
    element(ID.input, 'input', { type: 'text', value: 'a' }),
    element(ID.area, 'textarea', { value: 'typed' }, text(ID.areaText, 'typed')),
    element(ID.frame, 'iframe'),
    host,
    element(ID.video, 'video', { rr_mediaState: 'played', rr_mediaCurrentTime: 10 }),
  );
  const html = element(ID.html, 'html', {}, element(ID.head, 'head', {}, style), body);
  const doctype = { type: 1, id: ID.doctype, name: 'html', publicId: '', systemId: '' };
  return { type: 0, id: ID.document, childNodes: [doctype, html] };
}

export function checkpoint(node: Node = page()): ReplayEvent[] {
  return [
    { type: 4, timestamp: T0, data: { href: 'https://shop.example/', width: 800, height: 600 } },
    { type: 2, timestamp: T0, data: { node, initialOffset: { top: 5, left: 0 } } },
  ];
}

export function incremental(source: number, data: Node, at = 1000): ReplayEvent {
  return { type: 3, timestamp: T0 + at, data: { source, ...data } };
}

export function mutation(parts: Node): ReplayEvent {
  return incremental(0, { adds: [], removes: [], texts: [], attributes: [], ...parts });
}

export function add(parentId: number, node: Node, nextId: number | null = null): Node {
  return { parentId, nextId, node };
}

/** Every node below (and with) `root`, by id. */
export function nodesOf(root: Node): Map<number, Node> {
  const nodes = new Map<number, Node>();
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    nodes.set(node['id'] as number, node);
    open.push(...((node['childNodes'] as Node[] | undefined) ?? []));
  }
  return nodes;
}
