/**
 * Events before they reach rrweb. rrweb has no hook to refuse or rewrite a node before it is built,
 * so this changes the events themselves, full snapshots and mutations alike. It is the second wall:
 * the first is the frame without scripts and network that the replay is built in.
 */
import type { ReplayEvent } from '@otel-replay/protocol';
import { sanitizeAttributes, type Attributes } from './attributes.js';
import { adaptHover, sanitizeCss } from './css.js';
import { EVENT_TYPE, SOURCE } from '../rrweb-events.js';
import { UrlPolicy, type UrlPolicyOptions } from './url.js';

interface SerializedNode {
  type: number;
  id: number;
  tagName?: string;
  attributes?: Attributes;
  childNodes?: SerializedNode[];
  textContent?: string;
  isStyle?: boolean;
}

interface IncrementalData {
  source: number;
  adds?: { parentId?: number; node?: SerializedNode; rule?: string }[];
  texts?: { id: number; value: string | null }[];
  attributes?: { id: number; attributes: Attributes }[];
  replace?: string;
  replaceSync?: string;
  set?: { property: string; value: string | null };
  styles?: { rules?: { rule: string }[] }[];
  fontSource?: string;
  buffer?: boolean;
}

const ELEMENT = 2;
/** Elements that are only harmless under their lower-case name, which rrweb knows how to defuse. */
const LOWER_CASE = /^(script|iframe|object|embed|base|meta|link|frame|style|img|input)$/i;
/** One full snapshot with a style sheet of 250 KB comes every minute: the work is done once. */
const REMEMBER_CSS_FROM = 4096;
const REMEMBERED_SHEETS = 32;

export class Sanitizer {
  readonly #policy: UrlPolicy;
  readonly #tags = new Map<number, string>();
  readonly #css = new Map<string, string>();
  #refusedCount = 0;

  constructor(options: UrlPolicyOptions) {
    this.#policy = new UrlPolicy(options);
  }

  /** Remote addresses withheld so far. */
  get blockedCount(): number {
    return this.#policy.blockedCount;
  }

  /** Events that were not understood, and therefore not let through. */
  get refusedCount(): number {
    return this.#refusedCount;
  }

  /** Changes `event` in place; undefined when it must not reach the replayer at all. */
  sanitize(event: ReplayEvent): ReplayEvent | undefined {
    try {
      return this.#sanitize(event);
    } catch {
      this.#refusedCount++; // Not the shape rrweb's events have: what cannot be checked stays out.
      return undefined;
    }
  }

  #sanitize(event: ReplayEvent): ReplayEvent | undefined {
    const { data } = event;
    if (typeof data !== 'object' || data === null) return undefined;
    switch (event.type) {
      case EVENT_TYPE.META: {
        const href = (data as { href?: unknown }).href;
        if (typeof href === 'string') this.#policy.pageUrl = href;
        return event;
      }
      case EVENT_TYPE.FULL_SNAPSHOT:
        this.#tags.clear();
        this.#node((data as { node: SerializedNode }).node, undefined);
        return event;
      case EVENT_TYPE.INCREMENTAL:
        return this.#incremental(data as IncrementalData) ? event : undefined;
      default:
        return undefined; // custom, plugin and load events carry nothing to draw
    }
  }

  #incremental(data: IncrementalData): boolean {
    switch (data.source) {
      case SOURCE.MEDIA:
      case SOURCE.CANVAS:
      case SOURCE.LOG:
        return false;
      case SOURCE.FONT:
        // Loaded by the page's own document, not by the frame: only fonts that came along.
        return data.buffer === true || this.#policy.resource(data.fontSource ?? '') !== undefined;
      case SOURCE.MUTATION:
        this.#mutation(data);
        return true;
      case SOURCE.STYLE_SHEET_RULE:
        for (const add of data.adds ?? []) add.rule = this.#rule(add.rule ?? '');
        if (typeof data.replace === 'string') data.replace = this.#cssText(data.replace);
        if (typeof data.replaceSync === 'string')
          data.replaceSync = this.#cssText(data.replaceSync);
        return true;
      case SOURCE.STYLE_DECLARATION:
        if (data.set?.value) data.set.value = sanitizeCss(data.set.value, this.#policy);
        return true;
      case SOURCE.ADOPTED_STYLE_SHEET:
        for (const { rules = [] } of data.styles ?? []) {
          for (const rule of rules) rule.rule = this.#rule(rule.rule);
        }
        return true;
      default:
        return true;
    }
  }

  #mutation(data: IncrementalData): void {
    for (const { node, parentId } of data.adds ?? []) {
      if (node !== undefined) this.#node(node, this.#tags.get(parentId ?? -1));
    }
    for (const text of data.texts ?? []) {
      if (text.value !== null && this.#tags.get(text.id) === '#style') {
        text.value = this.#cssText(text.value);
      }
    }
    for (const { id, attributes } of data.attributes ?? []) {
      sanitizeAttributes(this.#tags.get(id), attributes, this.#policy);
    }
  }

  /** Iterative: a hostile tree may be deeper than the stack. */
  #node(root: SerializedNode, rootParentTag: string | undefined): void {
    const stack: [SerializedNode, string | undefined][] = [[root, rootParentTag]];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const [node, parentTag] = next;
      if (node.type !== ELEMENT) {
        if (parentTag === 'style' && typeof node.textContent === 'string') {
          node.textContent = this.#cssText(node.textContent);
          this.#tags.set(node.id, '#style');
        } else if (parentTag === 'script') {
          node.textContent = '';
        }
      }
      const tag = node.tagName?.toLowerCase();
      if (node.tagName !== undefined && tag !== undefined) {
        if (LOWER_CASE.test(node.tagName)) node.tagName = tag;
        this.#tags.set(node.id, tag);
        this.#element(tag, node);
      }
      for (const child of node.childNodes ?? []) stack.push([child, tag]);
    }
  }

  #element(tag: string, node: SerializedNode): void {
    const attributes = node.attributes;
    if (attributes === undefined) return;
    const css = attributes['_cssText'];
    if (typeof css === 'string') delete attributes['_cssText'];
    sanitizeAttributes(tag, attributes, this.#policy);
    if (typeof css === 'string') attributes['_cssText'] = this.#cssText(css);
  }

  #rule(rule: string): string {
    return adaptHover(sanitizeCss(rule, this.#policy));
  }

  #cssText(css: string): string {
    if (css.length < REMEMBER_CSS_FROM) return sanitizeCss(css, this.#policy);
    let safe = this.#css.get(css);
    if (safe === undefined) {
      safe = sanitizeCss(css, this.#policy);
      if (this.#css.size >= REMEMBERED_SHEETS) this.#css.clear();
      this.#css.set(css, safe);
    }
    return safe;
  }
}
