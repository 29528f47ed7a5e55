/**
 * Events before they reach rrweb. rrweb has no hook to refuse or rewrite a node before it is built,
 * so this changes the events themselves, full snapshots and mutations alike. It is the second wall:
 * the first is the frame without scripts and network that the replay is built in. What is not known
 * here does not pass.
 */
import type { ReplayEvent } from '@otel-replay/protocol';
import { adaptCss, adaptLateRule, recordedMedia, type RecordedMedia } from './adapt-css.js';
import { sanitizeAttributes, type AttributeContext, type Attributes } from './attributes.js';
import { sanitizeCss } from './css.js';
import { KnownNodes, type SerializedNode } from './known-nodes.js';
import { EVENT_TYPE, SOURCE, recordedText } from '../rrweb-events.js';
import { UrlPolicy, type BlockedHost, type UrlPolicyOptions } from './url.js';

interface IncrementalData {
  source: number;
  adds?: { parentId?: number; nextId?: null; node?: SerializedNode; rule?: unknown }[];
  texts?: { id: number; value: unknown }[];
  attributes?: { id: number; attributes: Attributes }[];
  replace?: unknown;
  replaceSync?: unknown;
  set?: { property: string; value: unknown };
  styles?: { rules?: { rule: unknown }[] }[];
  buffer?: unknown;
}

/** Positions, sizes, times and node ids only. */
const WITHOUT_CONTENT: ReadonlySet<number> = new Set([
  ...[SOURCE.MOUSE_MOVE, SOURCE.MOUSE_INTERACTION, SOURCE.SCROLL, SOURCE.VIEWPORT_RESIZE],
  ...[SOURCE.INPUT, SOURCE.TOUCH_MOVE, SOURCE.DRAG, SOURCE.SELECTION],
]);
/** One full snapshot with a style sheet of 250 KB comes every minute: the work is done once. */
const REMEMBER_CSS_FROM = 4096;
const REMEMBERED_SHEETS = 32;

export class Sanitizer {
  readonly #policy: UrlPolicy;
  readonly #nodes = new KnownNodes();
  readonly #css = new Map<string, string>();
  #media: RecordedMedia;
  #refusedCount = 0;
  #symbolCount = 0;

  constructor(options: UrlPolicyOptions) {
    this.#policy = new UrlPolicy(options);
  }

  /** Remote addresses withheld so far. */
  get blockedCount(): number {
    return this.#policy.blockedCount;
  }

  get blockedHosts(): BlockedHost[] {
    return this.#policy.blockedHosts;
  }

  /** Something at `url` was wanted, and is not there. */
  misses(url: string): boolean {
    return this.#policy.misses(url);
  }

  /** There is more than a browser can show without freezing: what is left out leaves no page. */
  get isOverfull(): boolean {
    return this.#nodes.isOverfull;
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
    this.#nodes.beginEvent();
    if (typeof data !== 'object' || data === null) return undefined;
    switch (event.type) {
      case EVENT_TYPE.META: {
        const { href, media } = data as { href?: unknown; media?: unknown };
        if (typeof href === 'string') this.#policy.pageUrl = href;
        this.#setMedia(recordedMedia(media));
        return event;
      }
      case EVENT_TYPE.FULL_SNAPSHOT:
        this.#nodes.clear();
        this.#node((data as { node: SerializedNode }).node, undefined);
        return event;
      case EVENT_TYPE.INCREMENTAL:
        return this.#incremental(data as IncrementalData) ? event : undefined;
      default:
        return undefined; // custom, plugin and load events carry nothing to draw
    }
  }

  #setMedia(media: RecordedMedia): void {
    if ([...(media ?? ['?'])].join() !== [...(this.#media ?? ['?'])].join()) this.#css.clear();
    this.#media = media;
  }

  #incremental(data: IncrementalData): boolean {
    switch (data.source) {
      case SOURCE.FONT:
        // rrweb would load others by the viewer's page, not by the frame.
        return data.buffer === true;
      case SOURCE.MUTATION:
        this.#mutation(data);
        return true;
      case SOURCE.STYLE_SHEET_RULE:
        for (const add of data.adds ?? []) add.rule = this.#rule(add.rule);
        if (data.replace !== undefined) data.replace = this.#rule(data.replace);
        if (data.replaceSync !== undefined) data.replaceSync = this.#rule(data.replaceSync);
        return true;
      case SOURCE.STYLE_DECLARATION:
        if (data.set != null && data.set.value != null) {
          data.set.value = sanitizeCss(recordedText(data.set.value), this.#policy);
        }
        return true;
      case SOURCE.ADOPTED_STYLE_SHEET:
        for (const { rules = [] } of data.styles ?? []) {
          for (const rule of rules) rule.rule = this.#rule(rule.rule);
        }
        return true;
      default:
        return WITHOUT_CONTENT.has(data.source);
    }
  }

  #mutation(data: IncrementalData): void {
    data.adds = (data.adds ?? []).filter(({ node, parentId }) => {
      return node !== undefined && this.#node(node, parentId);
    });
    for (const text of data.texts ?? []) {
      if (text.value === null) continue;
      const value = recordedText(text.value);
      text.value = this.#nodes.isStyleText(text.id) ? this.#cssText(value) : value;
      if (this.#nodes.isScriptText(text.id)) text.value = '';
    }
    data.attributes = (data.attributes ?? []).filter(({ id, attributes }) => {
      if (this.#nodes.isAmbiguous(id)) return false;
      const symbol = this.#symbol(this.#nodes.tagOf(id), attributes);
      if (symbol !== undefined && this.#node(symbol, id)) {
        data.adds!.push({ parentId: id, nextId: null, node: symbol });
      }
      sanitizeAttributes(this.#nodes.tagOf(id), attributes, this.#context(true));
      return true;
    });
  }

  /** Iterative: a hostile tree may be deeper than the stack. False: too deep, leave it out. */
  #node(root: SerializedNode, rootParentId: number | undefined): boolean {
    if (!this.#nodes.add(root, rootParentId)) return false;
    const stack: SerializedNode[] = [root];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      this.#one(node);
      const { id } = node;
      const children = node.childNodes?.filter((child) => this.#nodes.add(child, id));
      if (children === undefined) continue;
      node.childNodes = children;
      // In the order of the document, in which rrweb builds them.
      for (let at = children.length - 1; at >= 0; at--) stack.push(children[at]!);
    }
    return true;
  }

  #one(node: SerializedNode): void {
    if (node.textContent !== undefined) {
      const text = recordedText(node.textContent);
      node.textContent = this.#nodes.isStyleText(node.id) ? this.#cssText(text) : text;
      if (this.#nodes.isScriptText(node.id)) node.textContent = '';
    }
    const tag = this.#nodes.tagOf(node.id);
    const { attributes } = node;
    if (tag === undefined || attributes === undefined) return;
    const css = attributes['_cssText'];
    if (css !== undefined) delete attributes['_cssText'];
    const symbol = this.#symbol(tag, attributes);
    if (symbol !== undefined) (node.childNodes ??= []).push(symbol);
    sanitizeAttributes(tag, attributes, this.#context(false));
    if (typeof css === 'string') attributes['_cssText'] = this.#cssText(css);
  }

  /** Where a `use` names what came along, that is put into it: there nothing else finds it. */
  #symbol(tag: string | undefined, attributes: Attributes): SerializedNode | undefined {
    if (tag !== 'use') return undefined;
    const name = ['href', 'xlink:href'].find((one) => typeof attributes[one] === 'string');
    const url = recordedText(attributes[name ?? '']);
    if (name === undefined || url === '' || url.trim().startsWith('#')) return undefined;
    const id = `replay-symbol-${this.#symbolCount++}`;
    const symbol = this.#policy.symbol(url, id);
    if (symbol !== undefined) attributes[name] = `#${id}`;
    return symbol;
  }

  #context(isChange: boolean): AttributeContext {
    return { policy: this.#policy, media: this.#media, isChange };
  }

  #rule(rule: unknown): string {
    return adaptLateRule(sanitizeCss(recordedText(rule), this.#policy), this.#media);
  }

  #cssText(css: string): string {
    const safe = this.#css.get(css);
    if (safe !== undefined) return safe;
    const made = adaptCss(sanitizeCss(css, this.#policy), this.#media);
    if (css.length < REMEMBER_CSS_FROM) return made;
    if (this.#css.size >= REMEMBERED_SHEETS) this.#css.clear();
    this.#css.set(css, made);
    return made;
  }
}
