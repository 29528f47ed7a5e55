/** The serialized nodes of the page by their ids. What events brought is referred to, never changed. */
import { attributeOf } from './attributes.js';
import { fieldsOf, idOf, tagOf, type Fields } from './rrweb.js';
import type { TreeNode } from './tree-node.js';

export interface TreeLimits {
  maxNodes: number;
}

export class NodeTree {
  root: TreeNode | undefined;
  readonly #nodes = new Map<number, TreeNode>();
  readonly #limits: TreeLimits;
  readonly #onDropped: (id: number) => void;
  readonly #onMiss: () => void;

  constructor(limits: TreeLimits, onDropped: (id: number) => void, onMiss: () => void) {
    this.#limits = limits;
    this.#onDropped = onDropped;
    this.#onMiss = onMiss;
  }

  get size(): number {
    return this.#nodes.size;
  }

  get(id: unknown): TreeNode | undefined {
    return typeof id === 'number' ? this.#nodes.get(id) : undefined;
  }

  clear(): void {
    this.#nodes.clear();
    this.root = undefined;
  }

  /**
   * A node of its own, in no list yet, with all that is below `source` if `deep`. Undefined when it has
   * no id, one that is taken, or there is no room.
   */
  create(source: Fields, since: number, deep: boolean): TreeNode | undefined {
    const top = this.#create(source, since);
    if (top === undefined || !deep) return top;
    const open: { node: TreeNode; source: Fields }[] = [{ node: top, source }];
    for (let item = open.pop(); item !== undefined; item = open.pop()) {
      for (const child of childrenOf(item.source, item.node)) {
        const fields = fieldsOf(child);
        const node = fields && this.#create(fields, since);
        if (node === undefined) {
          this.#onMiss();
          continue;
        }
        this.insert(node, item.node, undefined);
        open.push({ node, source: fields! });
      }
    }
    return top;
  }

  /** Before `next`, else at the end. `node` must be in no list. */
  insert(node: TreeNode, parent: TreeNode, next: TreeNode | undefined): void {
    node.parent = parent;
    node.next = next;
    node.previous = next === undefined ? parent.last : next.previous;
    if (node.previous === undefined) parent.first = node;
    else node.previous.next = node;
    if (next === undefined) parent.last = node;
    else next.previous = node;
  }

  /** Puts a document into a frame; the one that was there goes. */
  attach(document: TreeNode, frame: TreeNode): void {
    if (frame.frame !== undefined) this.drop(frame.frame);
    frame.frame = document;
    document.parent = frame;
  }

  /** Out of its list, with all below it; it stays known. */
  detach(node: TreeNode): void {
    const { parent, previous, next } = node;
    if (parent !== undefined && parent.frame === node) parent.frame = undefined;
    else {
      if (previous !== undefined) previous.next = next;
      else if (parent !== undefined) parent.first = next;
      if (next !== undefined) next.previous = previous;
      else if (parent !== undefined) parent.last = previous;
    }
    node.parent = node.previous = node.next = undefined;
  }

  /** Forgets the node and all below it. */
  drop(node: TreeNode): void {
    this.detach(node);
    if (node === this.root) this.root = undefined;
    const open = [node];
    for (let item = open.pop(); item !== undefined; item = open.pop()) {
      this.#nodes.delete(item.id);
      this.#onDropped(item.id);
      for (let child = item.first; child !== undefined; child = child.next) open.push(child);
      if (item.frame !== undefined) open.push(item.frame);
    }
  }

  #create(source: Fields, since: number): TreeNode | undefined {
    const id = idOf(source['id']);
    if (id === undefined || this.#nodes.has(id)) return undefined;
    if (this.#nodes.size >= this.#limits.maxNodes) return undefined;
    const node: TreeNode = {
      id,
      data: source,
      changed: undefined,
      parent: undefined,
      previous: undefined,
      next: undefined,
      first: undefined,
      last: undefined,
      frame: undefined,
      since,
    };
    this.#nodes.set(id, node);
    return node;
  }
}

/** A text area whose value is an attribute has its text by that; rrweb knows no child then. */
function childrenOf(source: Fields, node: TreeNode): unknown[] {
  const children = source['childNodes'];
  if (!Array.isArray(children)) return [];
  const isValue = tagOf(source) === 'textarea' && typeof attributeOf(node, 'value') === 'string';
  return isValue ? [] : (children as unknown[]);
}
