/**
 * Attributes are text too. Known layout and state attributes pass, URLs are stripped, everything
 * else is masked unless the element's attributes are recorded.
 */
import { sanitizeCss, sanitizeStyle } from './css.js';
import { maskAddresses, maskSecret, maskText } from './mask.js';
import { CONTENT, UNMASKED, type PrivacyPolicy, type Visibility } from './privacy.js';
import { sanitizeSrcset, type UrlSanitizer } from './url.js';

export interface AttributeContext {
  /** Lower case. */
  tagName: string;
  visibility: Visibility;
  element: Element | null;
  policy: PrivacyPolicy;
  sanitizeUrl: UrlSanitizer;
}

/** Leave the attribute out. */
export const DROP = undefined;

/** Of the value of an attribute that is masked; its length lays nothing out. */
const MAX_MASKED = 100;

/** Script, markup or secrets in an attribute; nothing a player could use. */
const DROPPED = /^(on.*|srcdoc|nonce|integrity|ping|rr_dataurl)$/;

/** Element and attribute. Elsewhere the same names may hold anything. */
const URLS =
  /^((a|area|link|base) href|(script|i?frame|input|img|video|audio|source|track|embed) (low|rr_)?src|form action|(button|input) formaction|video poster|object data|(blockquote|q|ins|del) cite|(body|t\w+) background)$/;

/**
 * What HTML and CSS lay out by, and names of elements of the page. Never text that is shown. Of
 * attributes that are on or off no value is needed.
 */
const LAYOUT =
  /^\S+ (id|class|type|role|dir|lang|rows|cols|size|span|(col|row)span|scope|width|height|tabindex|rel|media|contenteditable|v?align|bgcolor|border|cell(padding|spacing)|color|face|start|wrap|popover(target)?|slot|(export)?parts?|is|sizes|frameborder|scrolling|for|xmlns.*|aria-(controls|labelledby|describedby|owns|activedescendant))$|^(input|slot|details|meta) name$/;

/** On a custom element its author decides what an attribute holds. */
const CUSTOM_LAYOUT = /-\S* (class|id|slot|part|role|dir|lang)$/;

/** How SVG is drawn and moves, besides by properties of CSS. */
const SVG_LAYOUT =
  /^\S+ (d|[fr]?[xyr]|[cdfr][xyr]|[xyk][1-4]|in2?|fill|stroke|opacity|transform|clip|mask|filter|display|visibility|overflow|offset|rotate|orient|points|order|operator|result|mode|scale|radius|dur|begin|end|additive|viewbox|ref[xy]|attribute(name|type)|(calc|edge)mode|spreadmethod|key(times|splines|points)|(marker|text|path)(width|height|length)|repeat(count|dur)|tablevalues|\w+(units|transform|frequency|deviation|adjust|ratio|offset))$|^(animate\w*|fe\w+) (from|to|by|values)$/;

/** Never a state, whatever it says. */
const SPOKEN =
  /^(title|alt|placeholder|label|summary|content|caption|aria-(label|description|valuetext|roledescription|placeholder))$/;

/** Values that say how something looks, not what it says. */
const STATE =
  /^(true|false|mixed|on|off|none|auto|open|closed|(in)?active|(un)?checked|indeterminate|selected|visible|hidden|expanded|collapsed|disabled|loading|horizontal|vertical|top|right|bottom|left|start|end|center|light|dark|light dark|page|(non-)?modal|played|paused|[01]|\d{1,5}(\.\d+)?(px|r?em))?$/i;

const MEDIA = new Set('img picture source video audio track object embed image feimage'.split(' '));

export function isMedia(tagName: string): boolean {
  return MEDIA.has(tagName);
}

type Kind =
  | 'drop'
  | 'rule'
  | 'style'
  | 'value'
  | 'srcset'
  | 'url'
  | 'layout'
  | 'svg'
  | 'never'
  | 'spoken'
  | 'text';
type Kinds = Map<string, Kind>;
/** By element and attribute; pages use few of them, again and again. */
let htmlKinds = new Map<string, Kinds>();
let svgKinds = new Map<string, Kinds>();
let kindCount = 0;

function kindOf({ tagName, element }: AttributeContext, name: string): Kind {
  if (tagName === 'meta' && /^content$/i.test(name)) return metaKind(element);
  // SVG is drawn by its attributes.
  const svg = !!element && 'ownerSVGElement' in element;
  const byTag = svg ? svgKinds : htmlKinds;
  let kinds = byTag.get(tagName);
  if (!kinds) byTag.set(tagName, (kinds = new Map<string, Kind>()));
  let kind = kinds.get(name);
  if (!kind) {
    // Somebody makes up names.
    if (++kindCount > 2000) {
      htmlKinds = new Map();
      svgKinds = new Map();
      kindCount = 0;
    }
    kinds.set(name, (kind = findKind(tagName, svg, name, name.toLowerCase())));
  }
  return kind;
}

/** Needed for the picture, and never about the person; the rest holds tokens. */
function metaKind(element: Element | null): Kind {
  return /^(viewport|color-scheme)$/i.test(element?.getAttribute('name') ?? '')
    ? 'layout'
    : 'never';
}

function findKind(tagName: string, svg: boolean, name: string, lower: string): Kind {
  const key = `${tagName} ${lower}`;
  if (DROPPED.test(lower)) return 'drop';
  if (lower.startsWith('data-replay-')) return 'rule';
  if (lower === 'style' || (name === '_cssText' && /^(style|link)$/.test(tagName))) return 'style';
  if (lower === 'value') return 'value';
  if (/^(image)?srcset$/.test(lower)) return 'srcset';
  if (URLS.test(key) || (svg && /^(xlink:)?href$/.test(lower))) return 'url';
  if ((tagName.includes('-') ? CUSTOM_LAYOUT : LAYOUT).test(key)) return 'layout';
  const drawn = SVG_LAYOUT.test(key) || (/-/.test(lower) && CSS.supports(lower, 'inherit'));
  return svg && drawn ? 'svg' : SPOKEN.test(lower) ? 'spoken' : 'text';
}

/** The value to record, or {@link DROP}. */
export function sanitizeAttribute(
  context: AttributeContext,
  name: string,
  value: unknown,
): unknown {
  if (typeof value !== 'string') return typeof value === 'object' && value !== null ? DROP : value;
  const { tagName, visibility, sanitizeUrl } = context;
  const shown = visibility >= CONTENT;
  const kind = kindOf(context, name);
  switch (kind) {
    case 'drop':
      return DROP;
    case 'rule':
      return '';
    case 'style':
      return name === '_cssText'
        ? sanitizeCss(value, sanitizeUrl, tagName === 'link')
        : sanitizeStyle(value, sanitizeUrl, shown);
    case 'value':
      return formValue(context, value);
    case 'srcset':
      return shown ? sanitizeSrcset(value, sanitizeUrl) : DROP;
    case 'url':
      return reference(context, name, value);
    case 'layout':
      return maskAddresses(value);
    default:
      return other(context, kind, name, value);
  }
}

function other(context: AttributeContext, kind: Kind, name: string, value: string): string {
  if (kind !== 'never') {
    const { visibility, policy, sanitizeUrl } = context;
    if (visibility >= CONTENT || policy.allowAttributes.includes(name.toLowerCase())) return value;
    if (kind !== 'spoken' && STATE.test(value)) return value;
    if (kind === 'svg') return sanitizeCss(value, sanitizeUrl, false, name.toLowerCase());
  }
  return maskText(value.slice(0, MAX_MASKED));
}

function formValue(context: AttributeContext, value: string): unknown {
  const { tagName, element, policy, visibility } = context;
  if (/^(input|textarea|select)$/.test(tagName)) {
    if (policy.isSecretInput(element)) return maskSecret(value);
    if (!/^(submit|button|reset)$/.test((element as HTMLInputElement).type)) {
      return visibility === UNMASKED ? value : maskText(value);
    }
  }
  return visibility >= CONTENT ? value : maskText(value);
}

function reference(
  { tagName, visibility, sanitizeUrl }: AttributeContext,
  name: string,
  value: string,
): unknown {
  // Names an element of the page: sprites, image maps, filters.
  if (name !== 'src' && /^#[\w:.-]*$/.test(value) && tagName !== 'a') return value;
  if (isMedia(tagName) || tagName === 'input') {
    if (visibility < CONTENT) return DROP;
    if (/^data:image\//i.test(value)) return value;
  }
  const fragment = tagName === 'use' ? (/#[\w:.-]*$/.exec(value)?.[0] ?? '') : '';
  return sanitizeUrl(value) + fragment;
}
