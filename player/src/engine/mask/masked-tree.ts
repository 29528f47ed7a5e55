/** What is known of the recorded page's tree, as far as rules ask about it. */
import { recordedText } from '../rrweb-events.js';
import type { Masks } from './rules.js';
import type { MatchableElement } from './selectors.js';

/** From everything to nothing. */
export const SHOWN = 0;
export const MASKED = 1;
export const BLOCKED = 2;
export type Level = typeof SHOWN | typeof MASKED | typeof BLOCKED;

export interface TreeNode extends MatchableElement {
  readonly id: number;
  /** Empty for what is no element. */
  readonly tag: string;
  readonly attributes: Record<string, string>;
  parent: TreeNode | undefined;
  firstChild: TreeNode | undefined;
  lastChild: TreeNode | undefined;
  previous: TreeNode | undefined;
  next: TreeNode | undefined;
  /** Of a text as it was recorded, and as it is shown; only where texts are searched. */
  text?: string;
  shown?: string;
  /** What of it was part of something hidden stays hidden while it says the same. */
  hidden?: readonly (readonly [from: number, to: number])[];
  /** What the node itself says, and never less later: what was hidden once stays so. */
  own: Level;
  /** With what is above it. */
  level: Level;
}

/** In the order of the document. */
export function* childrenOf(node: TreeNode): Iterable<TreeNode> {
  for (let child = node.firstChild; child !== undefined; child = child.next) yield child;
}

export class MaskedTree {
  readonly #masks: Masks;
  readonly #nodes = new Map<number, TreeNode>();

  constructor(masks: Masks) {
    this.#masks = masks;
  }

  clear(): void {
    this.#nodes.clear();
  }

  get(id: unknown): TreeNode | undefined {
    return this.#nodes.get(id as number);
  }

  /** Of a node nobody has heard of nothing may be shown, where it depends on where it is. */
  levelOf(id: unknown): Level {
    return this.get(id)?.level ?? (this.#masks.hasSelectors ? MASKED : SHOWN);
  }

  /** @param before its next sibling; default: it becomes the last */
  add(
    id: number,
    tag: string,
    attributes: Readonly<Record<string, unknown>>,
    parent: TreeNode | undefined,
    before?: TreeNode,
  ): TreeNode {
    const known = this.#nodes.get(id);
    if (known !== undefined) unlink(known);
    const node: TreeNode = {
      ...{ id, tag, parent },
      ...{ firstChild: undefined, lastChild: undefined, previous: undefined, next: undefined },
      attributes: {},
      own: known?.own ?? SHOWN,
      level: SHOWN,
    };
    this.#nodes.set(id, node);
    link(node, before);
    this.#learn(node, attributes);
    this.#judge(node);
    return node;
  }

  /** Its next sibling came later than it did. */
  place(node: TreeNode, before: TreeNode): void {
    if (before.parent !== node.parent || before === node || node.next === before) return;
    const { parent } = node;
    unlink(node);
    node.parent = parent;
    link(node, before);
  }

  remove(id: unknown): void {
    const root = this.get(id);
    if (root === undefined) return;
    unlink(root);
    const stack = [root];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      this.#nodes.delete(node.id);
      for (const child of childrenOf(node)) stack.push(child);
    }
  }

  /** Takes changed attributes; returns nodes that are hidden more than before. */
  change(node: TreeNode, attributes: Readonly<Record<string, unknown>>): TreeNode[] {
    if (!this.#learn(node, attributes)) return [];
    const changed: TreeNode[] = [];
    const stack = [node];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const before = next.level;
      this.#judge(next);
      if (next.level > before) changed.push(next);
      for (const child of childrenOf(next)) stack.push(child);
    }
    return changed;
  }

  /** True when something changed that a rule asks for. */
  #learn(node: TreeNode, attributes: Readonly<Record<string, unknown>>): boolean {
    const { selectors, blockSelectors } = this.#masks;
    let changed = false;
    for (const [name, value] of Object.entries(attributes)) {
      const lower = name.toLowerCase();
      if (!selectors.attributes.has(lower) && !blockSelectors.attributes.has(lower)) continue;
      if (value === null || value === false) delete node.attributes[lower];
      else if (lower !== '__proto__')
        node.attributes[lower] = value === true ? '' : recordedText(value);
      changed = true;
    }
    return changed;
  }

  #judge(node: TreeNode): void {
    const { selectors, blockSelectors } = this.#masks;
    if (node.tag !== '' && this.#masks.hasSelectors) {
      if (blockSelectors.matches(node)) node.own = BLOCKED;
      else if (node.own < MASKED && selectors.matches(node)) node.own = MASKED;
    }
    const above = node.parent?.level ?? SHOWN;
    node.level = above > node.own ? above : node.own;
  }
}

function unlink(node: TreeNode): void {
  const { parent, previous, next } = node;
  if (previous !== undefined) previous.next = next;
  else if (parent?.firstChild === node) parent.firstChild = next;
  if (next !== undefined) next.previous = previous;
  else if (parent?.lastChild === node) parent.lastChild = previous;
  node.parent = node.previous = node.next = undefined;
}

function link(node: TreeNode, before: TreeNode | undefined): void {
  const { parent } = node;
  if (parent === undefined) return;
  const next = before?.parent === parent ? before : undefined;
  const previous = next === undefined ? parent.lastChild : next.previous;
  node.next = next;
  node.previous = previous;
  if (previous === undefined) parent.firstChild = node;
  else previous.next = node;
  if (next === undefined) parent.lastChild = node;
  else next.previous = node;
}
