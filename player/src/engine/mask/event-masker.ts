/**
 * Events of one window under stricter rules, in order, before anything is built or listed from them.
 * It keeps the tree that the rules ask about; what a rule blocks never gets into the replay.
 */
import type { ReplayEvent } from '@otel-replay/protocol';
import { EVENT_TYPE, SOURCE, recordedText } from '../rrweb-events.js';
import { maskAttributes, maskCss } from './attributes.js';
import { BLOCKED, childrenOf, MASKED, MaskedTree, SHOWN, type TreeNode } from './masked-tree.js';
import { hide, type Masks } from './rules.js';
import { blockOf, findInRun, hideRanges, merge, runsOf } from './text-runs.js';

interface SerializedNode {
  type: number;
  id: number;
  tagName?: string;
  attributes?: Record<string, unknown>;
  childNodes?: SerializedNode[];
  textContent?: unknown;
}

interface Mutation {
  adds?: { parentId: number; nextId?: number | null; node: SerializedNode }[];
  removes?: { id: number; parentId: number }[];
  texts?: { id: number; value: unknown }[];
  attributes?: { id: number; attributes: Record<string, unknown> }[];
}

/** Painted as a grey box. */
export const BLOCKED_ATTRIBUTE = 'data-replay-blocked';
/** What a text becomes that was shown until now; its length was known. */
const HIDDEN_NOW = '****';
const GONE = {
  ...{ value: null, title: null, alt: null, placeholder: null, 'aria-label': null },
  ...{ src: null, srcset: null, href: null, poster: null },
};

export class EventMasker {
  readonly #masks: Masks;
  readonly #tree: MaskedTree;
  /** Fields in which a text was typed that must not be seen: nor may its beginning. */
  readonly #told = new Set<unknown>();
  /** Of the event at hand: where texts changed, and how those that it brings are set. */
  readonly #touched = new Set<TreeNode>();
  readonly #carriers = new Map<TreeNode, (text: string) => void>();

  constructor(masks: Masks) {
    this.#masks = masks;
    this.#tree = new MaskedTree(masks);
  }

  /** Changes the events of a segment in place; those that must not be drawn are left out. */
  mask(events: readonly ReplayEvent[]): ReplayEvent[] {
    for (const { type, data } of events) {
      const { source, text, id } = (data ?? {}) as Record<string, unknown>;
      const isInput = type === EVENT_TYPE.INCREMENTAL && source === SOURCE.INPUT;
      if (isInput && typeof text === 'string' && this.#masks.isTold(text)) this.#told.add(id);
    }
    return events.filter((event) => {
      try {
        return this.#event(event);
      } catch {
        return false; // what cannot be checked is not shown
      }
    });
  }

  #event({ type, data }: ReplayEvent): boolean {
    if (type === EVENT_TYPE.FULL_SNAPSHOT) {
      this.#tree.clear();
      this.#node((data as { node: SerializedNode }).node, undefined);
      this.#searchTexts();
    } else if (type === EVENT_TYPE.INCREMENTAL) {
      return this.#incremental(data as Record<string, unknown>);
    }
    return true;
  }

  #incremental(data: Record<string, unknown>): boolean {
    const css = (value: unknown): string => maskCss(recordedText(value), this.#masks);
    const rules = (list: unknown): void => {
      for (const entry of (list ?? []) as { rule: unknown }[]) entry.rule = css(entry.rule);
    };
    switch (data['source']) {
      case SOURCE.MUTATION:
        this.#mutation(data);
        (data as Mutation).texts!.push(...this.#searchTexts());
        return true;
      case SOURCE.INPUT:
        return this.#input(data);
      case SOURCE.STYLE_SHEET_RULE:
        rules(data['adds']);
        for (const name of ['replace', 'replaceSync']) {
          if (data[name] !== undefined) data[name] = css(data[name]);
        }
        return true;
      case SOURCE.ADOPTED_STYLE_SHEET:
        for (const sheet of (data['styles'] ?? []) as { rules: unknown }[]) rules(sheet.rules);
        return true;
      case SOURCE.STYLE_DECLARATION: {
        const set = data['set'] as { value?: unknown } | undefined;
        if (typeof set?.value === 'string') set.value = css(set.value);
        return true;
      }
      default:
        return true;
    }
  }

  #input(data: Record<string, unknown>): boolean {
    const level = this.#tree.levelOf(data['id']);
    if (level === BLOCKED) return false;
    if (typeof data['text'] !== 'string') return true;
    const isHidden = level > SHOWN || this.#masks.allText || this.#told.has(data['id']);
    data['text'] = isHidden ? hide(data['text']) : this.#masks.textOf(data['text']);
    if (level > SHOWN) data['isChecked'] = false;
    return true;
  }

  #mutation(data: Mutation): void {
    const tree = this.#tree;
    data.removes = (data.removes ?? []).filter(({ id, parentId }) => {
      const isDrawn = this.#isDrawnIn(parentId);
      this.#touch(tree.get(parentId));
      tree.remove(id);
      return isDrawn;
    });
    const adds = data.adds ?? [];
    data.adds = adds.filter(({ parentId, nextId, node }) => {
      const parent = tree.get(parentId);
      this.#node(node, parent, tree.levelOf(parentId) > SHOWN, tree.get(nextId));
      return this.#isDrawnIn(parentId);
    });
    for (const { nextId, node } of adds) {
      const [own, next] = [tree.get(node.id), tree.get(nextId)];
      if (own !== undefined && next !== undefined) tree.place(own, next);
    }
    data.texts = (data.texts ?? []).filter((change) => {
      const node = tree.get(change.id);
      change.value =
        change.value === null
          ? null
          : this.#text(recordedText(change.value), node, node?.parent?.tag, (text) => {
              change.value = text;
            });
      return node?.level !== BLOCKED;
    });
    // More is added to the list on the way.
    const changes = data.attributes ?? [];
    data.attributes = [];
    for (const change of changes) data.attributes.push(...this.#change(change, data));
  }

  #change(
    { id, attributes }: { id: number; attributes: Record<string, unknown> },
    data: Mutation,
  ): { id: number; attributes: Record<string, unknown> }[] {
    const node = this.#tree.get(id);
    for (const hidden of node === undefined ? [] : this.#tree.change(node, attributes)) {
      this.#hideNow(hidden, data);
      if (hidden.own === BLOCKED && hidden.parent?.level !== BLOCKED) {
        attributes[BLOCKED_ATTRIBUTE] = '';
        for (const child of childrenOf(hidden))
          (data.removes ??= []).push({ id: child.id, parentId: id });
      }
    }
    if (node !== undefined && node.level === BLOCKED && node.parent?.level === BLOCKED) return [];
    const level = this.#tree.levelOf(id);
    const isTold = this.#told.has(id);
    if (isTold && typeof attributes['value'] === 'string') {
      attributes['value'] = hide(attributes['value']);
    }
    maskAttributes(attributes, this.#masks, level >= MASKED);
    return [{ id, attributes }];
  }

  /** It is drawn already, and may be seen no longer. */
  #hideNow(node: TreeNode, data: Mutation): void {
    const { id, tag, parent } = node;
    if (node.text !== undefined) node.text = node.shown = HIDDEN_NOW;
    if (tag !== '') (data.attributes ??= []).push({ id, attributes: { ...GONE } });
    else if (parent?.tag !== 'style') (data.texts ??= []).push({ id, value: HIDDEN_NOW });
  }

  /** False for what hangs in a blocked element: it is not there. */
  #isDrawnIn(parentId: number): boolean {
    return this.#tree.levelOf(parentId) !== BLOCKED;
  }

  /** Iterative: a hostile tree may be deeper than the stack. */
  #node(
    root: SerializedNode,
    rootParent: TreeNode | undefined,
    isDoubtful = false,
    before?: TreeNode,
  ): void {
    const stack: [SerializedNode, TreeNode | undefined][] = [[root, rootParent]];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const [serialized, parent] = next;
      const { attributes = {}, childNodes = [] } = serialized;
      const tag = serialized.tagName?.toLowerCase() ?? '';
      const sibling = serialized === root ? before : undefined;
      const node = this.#tree.add(serialized.id, tag, attributes, parent, sibling);
      if (isDoubtful && node.level === SHOWN) node.own = node.level = MASKED;
      if (serialized.textContent !== undefined) {
        serialized.textContent = this.#text(
          recordedText(serialized.textContent),
          node,
          parent?.tag,
          (text) => {
            serialized.textContent = text;
          },
        );
      }
      maskAttributes(attributes, this.#masks, node.level >= MASKED);
      // The last one first, so that they come in their order.
      for (let at = childNodes.length - 1; at >= 0; at--) stack.push([childNodes[at]!, node]);
      if (node.level !== BLOCKED) continue;
      attributes[BLOCKED_ATTRIBUTE] = '';
      serialized.attributes = attributes;
      serialized.childNodes = [];
    }
  }

  /** @param set how it is shown otherwise, once all of its block is known */
  #text(
    content: string,
    node: TreeNode | undefined,
    parentTag: string | undefined,
    set: (text: string) => void,
  ): string {
    if (parentTag === 'style') return maskCss(content, this.#masks);
    if (this.#masks.hasText && node !== undefined) {
      if (node.text !== content) delete node.hidden;
      node.text = content;
      this.#carriers.set(node, set);
      this.#touch(node);
    }
    return this.#shown(content, node);
  }

  #shown(content: string, node: TreeNode | undefined): string {
    const level = node?.level ?? this.#tree.levelOf(undefined);
    if (level === BLOCKED) return '';
    return level === MASKED || this.#masks.allText ? hide(content) : this.#masks.textOf(content);
  }

  #touch(node: TreeNode | undefined): void {
    if (this.#masks.hasText && node !== undefined) this.#touched.add(blockOf(node));
  }

  /** What is spread over several texts; returns changes of texts that were shown already. */
  #searchTexts(): { id: number; value: string }[] {
    const changes: { id: number; value: string }[] = [];
    for (const run of [...this.#touched].flatMap(runsOf)) {
      const found = findInRun(run, this.#masks.rangesIn);
      for (const node of run) {
        node.hidden = merge([...(node.hidden ?? []), ...(found.get(node) ?? [])]);
        const shown = this.#shown(hideRanges(node.text!, node.hidden), node);
        const set = this.#carriers.get(node);
        if (set !== undefined) set(shown);
        else if (node.shown !== shown && node.level !== BLOCKED) {
          changes.push({ id: node.id, value: shown });
        }
        node.shown = shown;
      }
    }
    this.#touched.clear();
    this.#carriers.clear();
    return changes;
  }
}
