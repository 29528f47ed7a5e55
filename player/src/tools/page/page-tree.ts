/**
 * The recorded page as a tree of plain objects at one moment: as much of it as finding an element
 * takes. Styles, scroll positions and what was typed are no part of it.
 */
import type { ReplayEvent } from '@otel-replay/protocol';
import { EVENT_TYPE, SOURCE } from '../../engine/rrweb-events.js';

export interface PageNode {
  id: number;
  /** Lower case; '' for text, '#root' for documents and shadow roots. */
  tag: string;
  attributes: Record<string, string>;
  /** Of text nodes. */
  text: string;
  parent: PageNode | undefined;
  children: PageNode[];
}

/** rrweb's node types. */
const NODE = { DOCUMENT: 0, ELEMENT: 2, TEXT: 3 } as const;

interface Serialized {
  type?: unknown;
  id?: unknown;
  tagName?: unknown;
  attributes?: unknown;
  textContent?: unknown;
  childNodes?: unknown;
}

interface Add {
  parentId?: unknown;
  nextId?: unknown;
  node?: Serialized;
}

/** What appeared by one event. */
export interface Appeared {
  /** Text nodes that are new or say something else now. */
  texts: PageNode[];
}

/** Follows a recording's events; recordings may be anyone's, so nothing of them is taken on trust. */
export class PageTree {
  readonly #nodes = new Map<number, PageNode>();
  #root: PageNode | undefined;

  get root(): PageNode | undefined {
    return this.#root;
  }

  node(id: unknown): PageNode | undefined {
    return typeof id === 'number' ? this.#nodes.get(id) : undefined;
  }

  apply(event: ReplayEvent): Appeared {
    const appeared: Appeared = { texts: [] };
    const data = event.data as Record<string, unknown> | null | undefined;
    if (typeof data !== 'object' || data === null) return appeared;
    if (event.type === EVENT_TYPE.FULL_SNAPSHOT) {
      this.#nodes.clear();
      this.#root = this.#build(data['node'] as Serialized, undefined, []);
    } else if (event.type === EVENT_TYPE.INCREMENTAL && data['source'] === SOURCE.MUTATION) {
      this.#mutate(data, appeared);
    }
    return appeared;
  }

  #mutate(data: Record<string, unknown>, appeared: Appeared): void {
    for (const removed of list<{ id?: unknown }>(data['removes'])) this.#remove(removed.id);
    this.#add(list<Add>(data['adds']), appeared);
    for (const change of list<{ id?: unknown; value?: unknown }>(data['texts'])) {
      const node = this.node(change.id);
      if (node === undefined || typeof change.value !== 'string') continue;
      node.text = change.value;
      appeared.texts.push(node);
    }
    for (const change of list<{ id?: unknown; attributes?: unknown }>(data['attributes'])) {
      const node = this.node(change.id);
      if (node === undefined) continue;
      for (const [name, value] of Object.entries(change.attributes ?? {})) {
        if (value === null) delete node.attributes[name];
        else if (typeof value !== 'object') node.attributes[name] = String(value);
      }
    }
  }

  /** A parent or a sibling may come later in the same list. */
  #add(adds: readonly Add[], appeared: Appeared): void {
    let waiting = adds;
    while (waiting.length > 0) {
      const later: Add[] = [];
      for (const add of waiting) {
        const parent = this.node(add.parentId);
        const next = add.nextId === null ? undefined : this.node(add.nextId);
        if (parent === undefined || (next === undefined && typeof add.nextId === 'number')) {
          later.push(add);
        } else this.#insert(add.node, parent, next, appeared);
      }
      if (later.length === waiting.length) return;
      waiting = later;
    }
  }

  #insert(
    serialized: Serialized | undefined,
    parent: PageNode,
    next: PageNode | undefined,
    appeared: Appeared,
  ): void {
    if (typeof serialized !== 'object') return;
    this.#remove(serialized.id); // It may have been elsewhere: a move.
    const node = this.#build(serialized, parent, appeared.texts);
    if (node === undefined) return;
    const at = next === undefined ? -1 : parent.children.indexOf(next);
    if (at < 0) parent.children.push(node);
    else parent.children.splice(at, 0, node);
  }

  #remove(id: unknown): void {
    const node = this.node(id);
    if (node === undefined) return;
    const siblings = node.parent?.children ?? [];
    const at = siblings.indexOf(node);
    if (at >= 0) siblings.splice(at, 1);
    const stack = [node];
    for (let gone = stack.pop(); gone !== undefined; gone = stack.pop()) {
      this.#nodes.delete(gone.id);
      stack.push(...gone.children);
    }
  }

  /** Iterative: a hostile tree may be deeper than the stack. */
  #build(
    root: Serialized | undefined,
    parent: PageNode | undefined,
    texts: PageNode[],
  ): PageNode | undefined {
    let built: PageNode | undefined;
    const stack: [Serialized | undefined, PageNode | undefined][] = [[root, parent]];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const [serialized, above] = next;
      const node = toNode(serialized, above);
      if (node === undefined) continue;
      this.#nodes.set(node.id, node);
      if (built === undefined) built = node;
      else above?.children.push(node);
      if (node.tag === '') texts.push(node);
      const children = list<Serialized>(serialized?.childNodes);
      for (let at = children.length - 1; at >= 0; at--) stack.push([children[at], node]);
    }
    return built;
  }
}

function toNode(
  serialized: Serialized | undefined,
  parent: PageNode | undefined,
): PageNode | undefined {
  if (typeof serialized !== 'object' || serialized === null) return undefined;
  const { type, id, tagName, textContent } = serialized;
  if (typeof id !== 'number') return undefined;
  const base = { id, attributes: {}, text: '', parent, children: [] };
  if (type === NODE.TEXT)
    return { ...base, tag: '', text: typeof textContent === 'string' ? textContent : '' };
  if (type === NODE.DOCUMENT) return { ...base, tag: '#root' };
  if (type !== NODE.ELEMENT || typeof tagName !== 'string') return undefined;
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(serialized.attributes ?? {})) {
    if (value !== null && typeof value !== 'object') attributes[name] = String(value);
  }
  return { ...base, tag: tagName.toLowerCase(), attributes };
}

function list<T extends object>(value: unknown): T[] {
  return Array.isArray(value)
    ? value.filter((item): item is T => typeof item === 'object' && item !== null)
    : [];
}

/** `node` and all below it, in document order. */
export function* walk(node: PageNode): Generator<PageNode> {
  const stack = [node];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    yield next;
    for (let at = next.children.length - 1; at >= 0; at--) stack.push(next.children[at]!);
  }
}

/** From `node` upwards, itself included. */
export function* upwards(node: PageNode | undefined): Generator<PageNode> {
  for (let at = node; at !== undefined; at = at.parent) yield at;
}
