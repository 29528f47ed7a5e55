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
  readonly children: Set<TreeNode>;
  /** What the node itself says, and never less later: what was hidden once stays so. */
  own: Level;
  /** With what is above it. */
  level: Level;
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

  add(
    id: number,
    tag: string,
    attributes: Readonly<Record<string, unknown>>,
    parent: TreeNode | undefined,
  ): TreeNode {
    const known = this.#nodes.get(id);
    known?.parent?.children.delete(known);
    const node: TreeNode = {
      ...{ id, tag, parent },
      attributes: {},
      children: new Set(),
      own: known?.own ?? SHOWN,
      level: SHOWN,
    };
    this.#nodes.set(id, node);
    parent?.children.add(node);
    this.#learn(node, attributes);
    this.#judge(node);
    return node;
  }

  remove(id: unknown): void {
    const root = this.get(id);
    if (root === undefined) return;
    root.parent?.children.delete(root);
    const stack = [root];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      this.#nodes.delete(node.id);
      stack.push(...node.children);
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
      stack.push(...next.children);
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
