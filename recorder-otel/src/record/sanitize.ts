/**
 * The one gate between rrweb and everything else: an event passes through here, in place, before
 * it is serialised. rrweb's own hooks do not see text at the root of shadow trees, attributes,
 * option and button values, URLs or CSS, so none of them is relied upon. Unknown events are
 * dropped: what cannot be checked is not recorded.
 */
import { RECORDED_MEDIA } from '@otel-replay/protocol/recording';
import { DROP, isMedia, sanitizeAttribute, type AttributeContext } from './attributes.js';
import { sanitizeCss, sanitizeStyleValue } from './css.js';
import { maskAddresses, maskSecret, maskText } from './mask.js';
import { BLOCKED, CONTENT, MASKED, TEXT, type PrivacyPolicy, type Visibility } from './privacy.js';
import {
  ADOPTED_STYLE_SHEET,
  FULL_SNAPSHOT,
  INCREMENTAL,
  INPUT,
  META,
  MUTATION,
  STYLE_DECLARATION,
  STYLE_SHEET_RULE,
  WITHOUT_TEXT,
} from './event-types.js';
import type { RrwebEvent, SerializedNode } from './rrweb.js';
import type { UrlSanitizer } from './url.js';

export interface SanitizerOptions {
  policy: PrivacyPolicy;
  sanitizeUrl: UrlSanitizer;
  /** rrweb's mirror: the DOM node of an id. */
  nodeOf: (id: number) => Node | null;
  /** The node may have been less visible when it was changed than it is now. */
  isDoubtful: (node: Node) => boolean;
}

interface Mutation {
  texts: { id: number; value: string | null }[];
  attributes: { id: number; attributes: Record<string, unknown> }[];
  adds: { parentId: number; node: SerializedNode }[];
}

/**
 * Returns the gate: it sanitises an event in place; false says not to record it, and so does an
 * exception.
 */
export function createSanitizer(options: SanitizerOptions): (event: RrwebEvent) => boolean {
  const { policy, sanitizeUrl, nodeOf, isDoubtful } = options;

  const css = (text: unknown): string => sanitizeCss(String(text), sanitizeUrl);

  const elementOf = (id: unknown): Element | null => nodeOf(id as number) as Element | null;

  function sanitize(event: RrwebEvent): boolean {
    const { type, data } = event;
    if (type === 0 || type === 1) event.data = {};
    else if (type === META) {
      data['href'] = sanitizeUrl(String(data['href']));
      data['media'] = RECORDED_MEDIA.filter((query) => matchMedia(query).matches);
    } else if (type === FULL_SNAPSHOT) page(data['node'] as SerializedNode);
    else return type === INCREMENTAL && incremental(data);
    return true;
  }

  function incremental(data: Record<string, unknown>): boolean {
    switch (data['source']) {
      case MUTATION:
        mutation(data as unknown as Mutation);
        return true;
      case INPUT:
        return input(data, elementOf(data['id']));
      case STYLE_SHEET_RULE:
        for (const key of ['replace', 'replaceSync']) if (data[key]) data[key] = css(data[key]);
        cssRules(data['adds']);
        return true;
      case ADOPTED_STYLE_SHEET:
        for (const sheet of (data['styles'] ?? []) as { rules: unknown }[]) cssRules(sheet.rules);
        return true;
      case STYLE_DECLARATION: {
        const set = data['set'] as
          { property: string; value: string | null; priority?: string } | undefined;
        if (set?.value) {
          set.value = sanitizeCss(`${set.value}`, sanitizeUrl, false, `${set.property}`);
        }
        if (set && set.priority !== 'important') set.priority = '';
        return true;
      }
      default:
        return WITHOUT_TEXT.includes(data['source']);
    }
  }

  /** False: it is not recorded. */
  function input(data: Record<string, unknown>, element: Element | null): boolean {
    const visibility = policy.of(element);
    if (visibility === BLOCKED || !element || policy.isIgnored(element)) return false;
    // Of the others in its group rrweb says that they are no longer chosen.
    const { type, name } = element as HTMLInputElement;
    const isGroup = type === 'radio' && name !== '';
    if (isGroup && Array.from(document.getElementsByName(name)).some(policy.isIgnored))
      return false;
    data['text'] = policy.maskInput(String(data['text']), element, visibility);
    // Beside a label that can be read, the box that is checked is the answer.
    if (isChoice(visibility)) data['isChecked'] = false;
    return true;
  }

  function mutation({ texts, attributes: changes, adds }: Mutation): void {
    // No code of the page runs in here, so that what an ancestor says is asked once.
    const known = new Map<Node, Visibility>();
    for (const change of texts) {
      const self = nodeOf(change.id);
      const parent = self?.parentNode ?? null;
      const visibility = doubted(policy.of(parent, known), self);
      change.value = text(change.value ?? '', visibility, parent, tagOf(parent));
    }
    for (const change of changes) {
      const element = elementOf(change.id);
      const visibility = doubted(policy.of(element, known), element);
      change.attributes =
        visibility === BLOCKED
          ? {}
          : attributes(change.attributes, element, visibility, tagOf(element));
    }
    for (const add of adds) {
      const parent = nodeOf(add.parentId);
      node(add.node, policy.of(parent, known), parent, undefined, known);
    }
  }

  const doubted = (visibility: Visibility, node: Node | null): Visibility =>
    visibility > MASKED && node && isDoubtful(node) ? MASKED : visibility;

  /** The document, of whose elements most say nothing. */
  function page(serialized: SerializedNode): void {
    node(serialized, policy.of(document), null, undefined, undefined, policy.sayersIn(document));
  }

  /**
   * Walks down with what the ancestors say, so that a snapshot costs one look per element.
   * @param sayers of the tree that the node is in, where they are known
   */
  function node(
    serialized: SerializedNode,
    inherited: Visibility,
    parent: Node | null,
    parentTag?: string,
    known?: Map<Node, Visibility>,
    sayers?: ReadonlySet<Node>,
  ): void {
    // Text says nothing itself, and what is masked cannot be less visible.
    const self =
      serialized.type === 3 && inherited <= MASKED && parentTag ? null : nodeOf(serialized.id);
    let visibility = inherited;
    // Of what is not there any more nobody knows what it says.
    if (!self) visibility = serialized.type === 3 ? inherited : BLOCKED;
    else if (serialized.type !== 3 && !(serialized.type === 2 && sayers?.has(self) === false)) {
      visibility = policy.below(inherited, self);
    }
    visibility = doubted(visibility, self);
    // rrweb tells of the nodes of a tree one by one, those above first.
    if (self && serialized.type !== 3) known?.set(self, visibility);
    const tag = (serialized.tagName ?? '').toLowerCase();
    if (serialized.attributes) {
      if (visibility === BLOCKED) {
        const { class: name, rr_width, rr_height } = serialized.attributes;
        serialized.attributes = {
          class: maskAddresses((name as string | undefined) ?? ''),
          rr_width: sizeOf(rr_width),
          rr_height: sizeOf(rr_height),
        };
        serialized.childNodes = [];
        return;
      }
      if (visibility < CONTENT && isMedia(tag)) keepSize(serialized.attributes, self as Element);
      serialized.attributes = attributes(serialized.attributes, self as Element, visibility, tag);
    } else if (serialized.textContent !== undefined) {
      serialized.textContent =
        serialized.type === 3
          ? text(serialized.textContent, visibility, parent, parentTag ?? tagOf(parent))
          : '';
    }
    const { childNodes } = serialized;
    if (!childNodes?.length) return;
    for (const child of childNodes) {
      // Another tree begins, of which nobody has asked yet.
      node(child, visibility, self, tag, undefined, child.isShadow ? undefined : sayers);
    }
  }

  function attributes(
    values: Record<string, unknown>,
    element: Element | null,
    visibility: Visibility,
    tagName: string,
  ): Record<string, unknown> {
    const context: AttributeContext = {
      tagName,
      visibility,
      element,
      policy,
      sanitizeUrl,
    };
    for (const name in values) {
      const value = values[name];
      const sanitized =
        name === 'style' && typeof value === 'object' && value !== null
          ? styleChange(value as Record<string, unknown>)
          : name === 'checked' && tagName === 'input' && isChoice(visibility)
            ? DROP
            : sanitizeAttribute(context, name, value);
      if (sanitized === DROP) delete values[name];
      else if (sanitized !== value) values[name] = sanitized;
    }
    return values;
  }

  /** rrweb's difference of a style: property to value, `[value, priority]` or false. */
  function styleChange(change: Record<string, unknown>): Record<string, unknown> {
    for (const property in change) {
      const value = change[property];
      const sanitized = (text: unknown): string =>
        sanitizeStyleValue(property, String(text), sanitizeUrl);
      change[property] = Array.isArray(value)
        ? [sanitized(value[0]), String(value[1])]
        : value && sanitized(value);
    }
    return change;
  }

  function text(content: string, visibility: Visibility, parent: Node | null, tag: string): string {
    if (visibility === BLOCKED) return '';
    if (tag === 'style') return css(parsed(content));
    if (DISGUISED.has(tag)) return '';
    if (tag === 'textarea' && policy.isSecretInput(parent as Element)) return maskSecret(content);
    return visibility >= TEXT ? content : maskText(content);
  }

  function cssRules(rules: unknown): void {
    for (const added of (rules ?? []) as { rule: unknown }[]) added.rule = css(added.rule);
  }

  return sanitize;
}

/** What is in them is markup that looks like text; rrweb replaces scripts itself. */
const DISGUISED = new Set('noscript script template noframes xmp'.split(' '));

/** Whether what is checked must not show. */
function isChoice(visibility: Visibility): boolean {
  return visibility === TEXT || visibility === CONTENT;
}

/**
 * What the browser makes of text in a style element: it may be anything, and each of several pieces
 * may begin in the middle of a string.
 */
function parsed(css: string): string {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    return Array.from(sheet.cssRules, (rule) => rule.cssText).join('');
  } catch {
    return '';
  }
}

function tagOf(node: Node | null | undefined): string {
  return String((node as Element | null | undefined)?.localName ?? '').toLowerCase();
}

function sizeOf(value: unknown): string {
  return /^[\d.]+px$/.test(String(value)) ? String(value) : '0px';
}

/** A picture that is not recorded leaves a hole of its size, so that the layout holds. */
function keepSize(attributes: Record<string, unknown>, element: Element): void {
  const { width, height } = element.getBoundingClientRect();
  if (width > 0 && height > 0) {
    attributes['rr_width'] = `${width}px`;
    attributes['rr_height'] = `${height}px`;
  }
}
