/**
 * The one gate between rrweb and everything else: an event passes through here, in place, before
 * it is serialised. rrweb's own hooks do not see text at the root of shadow trees, attributes,
 * option and button values, URLs or CSS, so none of them is relied upon. Unknown events are
 * dropped: what cannot be checked is not recorded.
 */
import { DROP, isMedia, sanitizeAttribute, type AttributeContext } from './attributes.js';
import { sanitizeCss, sanitizeCssValue } from './css.js';
import { maskSecret, maskText } from './mask.js';
import type { PrivacyPolicy, Visibility } from './privacy.js';
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
  type RrwebEvent,
  type SerializedNode,
} from './rrweb.js';
import type { UrlSanitizer } from './url.js';

export interface SanitizerOptions {
  policy: PrivacyPolicy;
  sanitizeUrl: UrlSanitizer;
  /** rrweb's mirror: the DOM node of an id. */
  nodeOf: (id: number) => Node | null;
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
  const { policy, sanitizeUrl, nodeOf } = options;

  const css = (text: unknown): string => sanitizeCss(String(text), sanitizeUrl);

  const elementOf = (id: number): Element | null => {
    const node = nodeOf(id);
    return node?.nodeType === 1 ? (node as Element) : null;
  };

  function sanitize(event: RrwebEvent): boolean {
    const { type, data } = event;
    if (type === 0 || type === 1) event.data = {};
    else if (type === META) data['href'] = sanitizeUrl(String(data['href']));
    else if (type === FULL_SNAPSHOT) node(data['node'] as SerializedNode, 'masked', '');
    else return type === INCREMENTAL && incremental(data);
    return true;
  }

  function incremental(data: Record<string, unknown>): boolean {
    switch (data['source']) {
      case MUTATION:
        mutation(data as unknown as Mutation);
        return true;
      case INPUT: {
        const element = elementOf(data['id'] as number);
        const text = String(data['text']);
        if (policy.isSecretInput(element)) data['text'] = maskSecret(text);
        else if (policy.of(element) !== 'unmasked') data['text'] = maskText(text);
        return true;
      }
      case STYLE_SHEET_RULE:
        for (const key of ['replace', 'replaceSync']) if (data[key]) data[key] = css(data[key]);
        cssRules(data['adds']);
        return true;
      case ADOPTED_STYLE_SHEET:
        for (const sheet of (data['styles'] ?? []) as { rules: unknown }[]) cssRules(sheet.rules);
        return true;
      case STYLE_DECLARATION: {
        const set = data['set'] as { property: string; value: string | null } | undefined;
        if (set?.value) set.value = sanitizeCssValue(set.property, String(set.value), sanitizeUrl);
        return true;
      }
      default:
        return WITHOUT_TEXT.includes(data['source']);
    }
  }

  function mutation({ texts, attributes: changes, adds }: Mutation): void {
    for (const change of texts) {
      const parent = nodeOf(change.id)?.parentNode;
      change.value = text(change.value ?? '', policy.of(parent), tagOf(parent));
    }
    for (const change of changes) {
      const element = elementOf(change.id);
      const visibility = policy.of(element);
      change.attributes =
        visibility === 'blocked' ? {} : attributes(change.attributes, element, visibility);
    }
    for (const add of adds) {
      const parent = nodeOf(add.parentId);
      node(add.node, policy.of(parent), tagOf(parent));
    }
  }

  /** Walks down with what the ancestors say, so that a snapshot costs one look per element. */
  function node(serialized: SerializedNode, inherited: Visibility, parentTag: string): void {
    let visibility = inherited;
    let tag = parentTag;
    if (serialized.attributes) {
      const element = elementOf(serialized.id);
      tag = serialized.tagName ?? '';
      if (inherited !== 'blocked') {
        visibility = element ? (policy.own(element) ?? inherited) : 'masked';
      }
      if (visibility === 'blocked') {
        const { rr_width, rr_height } = serialized.attributes;
        serialized.attributes = { class: serialized.attributes['class'], rr_width, rr_height };
        serialized.childNodes = [];
        return;
      }
      if (element && visibility === 'masked' && isMedia(tag)) {
        keepSize(serialized.attributes, element);
      }
      serialized.attributes = attributes(serialized.attributes, element, visibility);
    } else if (serialized.textContent !== undefined) {
      serialized.textContent =
        serialized.type === 3 ? text(serialized.textContent, visibility, parentTag) : '';
    }
    for (const child of serialized.childNodes ?? []) node(child, visibility, tag);
  }

  function attributes(
    values: Record<string, unknown>,
    element: Element | null,
    visibility: Visibility,
  ): Record<string, unknown> {
    const context: AttributeContext = {
      tagName: tagOf(element),
      svg: !!element && 'ownerSVGElement' in element,
      unmasked: visibility === 'unmasked',
      element,
      policy,
      sanitizeUrl,
    };
    const out: Record<string, unknown> = {};
    for (const name in values) {
      const value = values[name];
      const sanitized =
        name === 'style' && typeof value === 'object' && value !== null
          ? styleChange(value as Record<string, unknown>)
          : sanitizeAttribute(context, name, value);
      if (sanitized !== DROP) out[name] = sanitized;
    }
    return out;
  }

  /** rrweb's difference of a style: property to value, `[value, priority]` or false. */
  function styleChange(change: Record<string, unknown>): Record<string, unknown> {
    for (const property in change) {
      const value = change[property];
      const sanitized = (text: unknown): string =>
        sanitizeCssValue(property, String(text), sanitizeUrl);
      change[property] = Array.isArray(value)
        ? [sanitized(value[0]), String(value[1])]
        : value && sanitized(value);
    }
    return change;
  }

  function text(content: string, visibility: Visibility, parentTag: string): string {
    if (parentTag === 'style') return css(content);
    // Markup in disguise; rrweb replaces scripts itself.
    if (/^(noscript|script|template|noframes|xmp)$/.test(parentTag)) return '';
    return visibility === 'unmasked' ? content : maskText(content);
  }

  function cssRules(rules: unknown): void {
    for (const added of (rules ?? []) as { rule: unknown }[]) added.rule = css(added.rule);
  }

  return sanitize;
}

function tagOf(node: Node | null | undefined): string {
  return (node?.nodeName ?? '').toLowerCase();
}

/** A picture that is not recorded leaves a hole of its size, so that the layout holds. */
function keepSize(attributes: Record<string, unknown>, element: Element): void {
  const { width, height } = element.getBoundingClientRect();
  if (width > 0 && height > 0) {
    attributes['rr_width'] = `${width}px`;
    attributes['rr_height'] = `${height}px`;
  }
}
