/** One rrweb Mutation event, in the order in which rrweb applies its parts. */
import { changeStyle } from './inline-style.js';
import {
  attributeOf,
  attributesOf,
  deleteAttribute,
  isElement,
  setAttribute,
} from './attributes.js';
import type { NodeTree } from './node-tree.js';
import { fieldsOf, idOf, listOf, NODE, tagOf, type Fields } from './rrweb.js';
import { isStyle, setCss, spreadCss, textsOf } from './style-text.js';
import { contains, type TreeNode } from './tree-node.js';

export interface MutationTarget {
  tree: NodeTree;
  /** What was said of the rules of a sheet is void: its text is new. */
  onNewText: (styleId: number) => void;
  /** The node is the same, elsewhere. */
  onMoved: (id: number) => void;
  onMiss: () => void;
}

/** Documents of frames that are not there yet. */
const MAX_WAITING_DOCUMENTS = 100;

export class Mutations {
  readonly #tree: NodeTree;
  readonly #onNewText: (styleId: number) => void;
  readonly #onMoved: (id: number) => void;
  readonly #onMiss: () => void;
  /** By the id of their frame. */
  readonly #documents = new Map<number, { node: Fields; time: number }>();

  constructor({ tree, onNewText, onMoved, onMiss }: MutationTarget) {
    this.#tree = tree;
    this.#onNewText = onNewText;
    this.#onMoved = onMoved;
    this.#onMiss = onMiss;
  }

  apply(data: Fields, time: number): void {
    for (const removal of listOf(data['removes'], this.#onMiss)) this.#remove(removal);
    this.#addAll(listOf(data['adds'], this.#onMiss), time);
    for (const { id, value } of listOf(data['texts'], this.#onMiss)) this.#changeText(id, value);
    for (const { id, attributes } of listOf(data['attributes'], this.#onMiss)) {
      this.#changeAttributes(id, attributes);
    }
  }

  /**
   * What is not known is mostly gone already, with what it was in. What is elsewhere was moved since:
   * each document and each shadow tree tells of its own changes, of some arrivals before the leaving.
   */
  #remove({ id, parentId, isShadow }: Fields): void {
    const node = this.#tree.get(id);
    if (node === undefined || node === this.#tree.root) return;
    const { parent } = node;
    const isThere = parent?.id === parentId && isInShadow(node) === (isShadow === true);
    if (!isThere) return this.#onMiss();
    this.#textChanges(node);
    this.#tree.drop(node);
    if (isStyle(parent)) this.#onNewText(parent.id);
  }

  /** What needs a node that is not there yet waits for it. */
  #addAll(adds: readonly Fields[], time: number): void {
    const waiting = new Map<number, Fields[]>();
    for (const add of adds) {
      const open = [add];
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        const needed = this.#add(next, time);
        if (typeof needed === 'number') {
          const others = waiting.get(needed);
          if (others === undefined) waiting.set(needed, [next]);
          else others.push(next);
          continue;
        }
        if (needed === undefined) continue;
        open.push(...(waiting.get(needed.id)?.reverse() ?? []));
        waiting.delete(needed.id);
      }
    }
    for (const left of waiting.values()) left.forEach(this.#onMiss);
  }

  /** The node that is in now, or the id that has to be there first; undefined where neither is. */
  #add(add: Fields, time: number): TreeNode | number | undefined {
    const source = fieldsOf(add['node']);
    const parentId = idOf(add['parentId']);
    if (source === undefined || idOf(source['id']) === undefined || parentId === undefined) {
      this.#onMiss();
      return undefined;
    }
    const parent = this.#tree.get(parentId);
    if (source['type'] === NODE.DOCUMENT) return this.#addDocument(source, parentId, parent, time);
    if (parent === undefined) return parentId;
    const nextId = idOf(add['nextId']);
    const next = this.#tree.get(nextId);
    if (nextId !== undefined && next === undefined) return nextId;
    const { rootId } = source;
    if (rootId !== undefined && rootId !== null && this.#tree.get(rootId) === undefined) {
      this.#onMiss();
      return undefined;
    }
    return this.#place(source, parent, next, time);
  }

  #place(
    source: Fields,
    parent: TreeNode,
    next: TreeNode | undefined,
    time: number,
  ): TreeNode | undefined {
    const known = this.#tree.get(source['id']);
    if (known !== undefined && (known === next || contains(known, parent))) {
      this.#onMiss();
      return undefined;
    }
    const isMove = known !== undefined && isSame(known, source);
    if (isMove) this.#move(known, source);
    else if (known !== undefined) this.#tree.drop(known);
    // Children come as additions of their own.
    const node = isMove ? known : this.#tree.create(source, time, false);
    if (node === undefined) {
      this.#onMiss();
      return undefined;
    }
    this.#makeRoom(parent, node);
    this.#tree.insert(node, parent, next?.parent === parent ? next : undefined);
    if (isStyle(parent) && node.data['type'] === NODE.TEXT) this.#onNewText(parent.id);
    if (isInShadow(node) && parent.data['isShadowHost'] !== true) {
      parent.data = { ...parent.data, isShadowHost: true };
    }
    const document = this.#documents.get(node.id);
    if (document !== undefined) {
      this.#documents.delete(node.id);
      this.#attach(document.node, node, document.time);
    }
    return node;
  }

  /** Out of its place, and into another tree perhaps. */
  #move(node: TreeNode, { isShadow, rootId }: Fields): void {
    this.#textChanges(node);
    this.#onMoved(node.id);
    this.#tree.detach(node);
    node.data = { ...node.data, isShadow, rootId };
  }

  /** What gives way to a new child. */
  #makeRoom(parent: TreeNode, node: TreeNode): void {
    const isText = node.data['type'] === NODE.TEXT;
    if (isText && isStyle(parent)) spreadCss(parent, node);
    else if (isText && tagOf(parent.data) === 'textarea') {
      deleteAttribute(parent, 'value');
      for (const text of textsOf(parent)) this.#tree.drop(text);
    } else if (parent.data['type'] === NODE.DOCUMENT) {
      // A page that was written anew: nobody told that the old one went.
      for (let child = parent.first; child !== undefined; child = child.next) {
        const { type } = node.data;
        const replaces =
          type === child.data['type'] &&
          (type === NODE.DOCUMENT_TYPE || (type === NODE.ELEMENT && tagOf(node.data) === 'html'));
        if (replaces) return this.#tree.drop(child);
      }
    }
  }

  #addDocument(
    source: Fields,
    frameId: number,
    frame: TreeNode | undefined,
    time: number,
  ): TreeNode | undefined {
    if (frame !== undefined) return this.#attach(source, frame, time);
    if (this.#documents.size >= MAX_WAITING_DOCUMENTS) this.#onMiss();
    else this.#documents.set(frameId, { node: source, time });
    return undefined;
  }

  #attach(source: Fields, frame: TreeNode, time: number): TreeNode | undefined {
    if (!/^i?frame$/.test(tagOf(frame.data))) {
      this.#onMiss();
      return undefined;
    }
    if (frame.frame !== undefined) this.#tree.drop(frame.frame);
    const document = this.#tree.create(source, time, true);
    if (document === undefined) this.#onMiss();
    else this.#tree.attach(document, frame);
    return document;
  }

  #changeText(id: unknown, value: unknown): void {
    const node = this.#tree.get(id);
    if (node === undefined || isElement(node) || node.first !== undefined) {
      this.#onMiss();
      return;
    }
    const textContent = typeof value === 'string' ? value : '';
    this.#textChanges(node);
    if (isStyle(node.parent)) setCss(node, textContent);
    else node.data = { ...node.data, textContent };
  }

  /** Before a text node under a style says something else, or goes. */
  #textChanges(node: TreeNode): void {
    if (node.data['type'] !== NODE.TEXT || !isStyle(node.parent)) return;
    spreadCss(node.parent);
    this.#onNewText(node.parent.id);
  }

  #changeAttributes(id: unknown, change: unknown): void {
    const node = this.#tree.get(id);
    if (node === undefined || !isElement(node)) {
      this.#onMiss();
      return;
    }
    for (const [name, value] of Object.entries(fieldsOf(change) ?? {})) {
      if (value === null) {
        deleteAttribute(node, name);
        if (name === 'open') deleteAttribute(node, 'rr_open_mode');
      } else if (typeof value === 'string') {
        setAttribute(node, name, value);
        if (name === '_cssText') this.#onNewText(node.id);
        if (name === 'value' && tagOf(node.data) === 'textarea') {
          for (const text of textsOf(node)) this.#tree.drop(text);
        }
      } else if (name === 'style') {
        const text = attributeOf(node, 'style');
        setAttribute(node, 'style', changeStyle(typeof text === 'string' ? text : '', value));
      }
    }
  }
}

function isInShadow(node: TreeNode): boolean {
  return node.data['isShadow'] === true;
}

/** rrweb keeps a node that is added again as it was. */
function isSame(node: TreeNode, source: Fields): boolean {
  if (node.data['type'] !== source['type'] || node.data['tagName'] !== source['tagName'])
    return false;
  if (!isElement(node)) return node.data['textContent'] === source['textContent'];
  const own = attributesOf(node);
  const attributes = Object.entries(fieldsOf(source['attributes']) ?? {});
  return (
    attributes.length === own.size && attributes.every(([name, value]) => own.get(name) === value)
  );
}
