/** The replayed document as the tree that locators are found in. */
import type { PageNode } from '../page/page-tree.js';
import {
  attributesOf,
  childrenOf,
  isElement,
  isText,
  nameOfNode,
  rawTextOf,
  rootOf,
} from './dom-reader.js';

export interface PageOfDocument {
  root: PageNode;
  of: ReadonlyMap<Node, PageNode>;
}

export function pageOfDocument(page: Document): PageOfDocument {
  const of = new Map<Node, PageNode>();
  let id = 0;
  const blank = { attributes: {}, text: '', parent: undefined, children: [] };
  const root: PageNode = { ...blank, id: id++, tag: '#root' };
  const top = rootOf(page);
  const stack: [Node, PageNode][] = top === null ? [] : [[top, root]];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [dom, parent] = next;
    const node: PageNode = {
      id: id++,
      tag: isText(dom) ? '' : isElement(dom) ? nameOfNode(dom) : '#root',
      attributes: isElement(dom) ? Object.fromEntries(attributesOf(dom)) : {},
      text: isText(dom) ? rawTextOf(dom) : '',
      parent,
      children: [],
    };
    of.set(dom, node);
    parent.children.push(node);
    for (const child of childrenOf(dom).reverse()) stack.push([child, node]);
  }
  return { root, of };
}
