/** What is known of the nodes of a recording, by rrweb's ids, which a forged one may use twice. */
import type { Attributes } from './attributes.js';

/** A node of a snapshot. `type`: 0 document, 1 doctype, 2 element, 3 text, 4 CDATA, 5 comment. */
export interface SerializedNode {
  type: number;
  id: number;
  tagName?: string;
  attributes?: Attributes;
  childNodes?: SerializedNode[];
  textContent?: unknown;
}

const ELEMENT = 2;
/** Browsers end far below with the stack of their layout; parsers never nest deeper than 512. */
const MAX_DEPTH = 1000;
/** More than any page that can be used; each costs the viewer's browser a kilobyte. */
const MAX_NODES = 500_000;
/** Of one event: they are built without a pause. */
const MAX_NODES_AT_ONCE = 200_000;

interface Known {
  tag: string | undefined;
  depth: number;
  isStyleText: boolean;
  isScriptText: boolean;
  isAmbiguous: boolean;
}

export class KnownNodes {
  readonly #nodes = new Map<number, Known>();

  #atOnce = 0;
  /** Something was left out because there is too much. */
  isOverfull = false;

  clear(): void {
    this.#nodes.clear();
  }

  beginEvent(): void {
    this.#atOnce = 0;
  }

  /**
   * Also gives elements the name under which rrweb knows how to defuse them. False: leave it out.
   * Throws TypeError for what is no node.
   */
  add(node: SerializedNode, parentId: number | undefined): boolean {
    if (typeof node.id !== 'number') throw new TypeError('a node without an id');
    const parent = this.#nodes.get(parentId ?? -1);
    const depth = (parent?.depth ?? 0) + 1;
    if (depth > MAX_DEPTH) return false;
    if (this.#nodes.size >= MAX_NODES || ++this.#atOnce > MAX_NODES_AT_ONCE) {
      this.isOverfull = true;
      return false;
    }
    const before = this.#nodes.get(node.id);
    const tag = node.type === ELEMENT ? nameOf(node) : undefined;
    const isText = node.type !== ELEMENT;
    this.#nodes.set(node.id, {
      tag,
      depth,
      isStyleText: before?.isStyleText === true || (isText && parent?.tag === 'style'),
      isScriptText: before?.isScriptText === true || (isText && isScript(parent?.tag)),
      isAmbiguous: before !== undefined && (before.isAmbiguous || before.tag !== tag),
    });
    return true;
  }

  /** Lower case. */
  tagOf(id: number): string | undefined {
    return this.#nodes.get(id)?.tag;
  }

  isStyleText(id: number): boolean {
    return this.#nodes.get(id)?.isStyleText === true;
  }

  isScriptText(id: number): boolean {
    return this.#nodes.get(id)?.isScriptText === true;
  }

  /** Two kinds of element claim the id: nobody knows which of them rrweb changes. */
  isAmbiguous(id: number): boolean {
    return this.#nodes.get(id)?.isAmbiguous === true;
  }
}

function isScript(tag: string | undefined): boolean {
  return tag === 'script' || tag === 'noscript';
}

function nameOf(node: SerializedNode): string {
  const name = String(node.tagName);
  const lower = name.toLowerCase();
  // rrweb knows these in lower case only; SVG needs the case of its own names.
  const local = lower.replace(/^.*:/, '');
  if (/[A-Z]/.test(name) && !/^[a-z]+[A-Z][a-zA-Z]*$/.test(name)) node.tagName = lower;
  if (/^(script|iframe|object|embed|base|meta|link|frame|style|img|input)$/.test(local)) {
    node.tagName = local;
    return local;
  }
  return lower;
}
