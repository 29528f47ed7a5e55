/** Attributes of a recorded element, made harmless. */
import { recordedText } from '../rrweb-events.js';
import { adaptCss, adaptMedia, type RecordedMedia } from './adapt-css.js';
import { sanitizeCss } from './css.js';
import { PLACEHOLDER_IMAGE, isHarmlessLink, type UrlPolicy } from './url.js';

export type Attributes = Record<string, unknown>;

export interface AttributeContext {
  policy: UrlPolicy;
  media: RecordedMedia;
  /** A change of what is there, not all of it. */
  isChange: boolean;
}

/** Loads a document, a script, leads somewhere, or takes the viewer's keys: never kept anywhere. */
const NEVER =
  /^(on.*|__proto__|constructor|prototype|srcdoc|ping|formaction|formtarget|action|manifest|archive|classid|code|codebase|profile|http-equiv|nonce|integrity|attributionsrc|autofocus|autoplay|accesskey|target|download|referrerpolicy|sandbox|allow|csp|credentialless|loading|fetchpriority|imagesrcset|lowsrc|dynsrc|longdesc|usemap|base|shadowrootmode|rr_mediastate|data-replay-.*)$/;
/** Set by this player's recorder, and by this player. */
const OURS = /^data-replay-(popover|blocked|state)$/;
/** Address attributes that are images (or media) on the elements that have them. */
const RESOURCE = new Set(['src', 'poster', 'background', 'data', 'rr_dataurl', 'rr_src']);
const LINKS = new Set(['a', 'area']);
const DOCUMENTS = new Set([
  ...['iframe', 'frame', 'object', 'embed', 'applet', 'portal', 'script', 'noscript'],
  'fencedframe',
]);
const DOCUMENT_SOURCES = new Set(['src', 'data', 'type', 'rr_src', 'href']);
const ANIMATIONS = /^(set|animate\w*|discard)$/;
const MEDIA_ELEMENTS = /^(video|audio|source|track)$/;
// Browsers ignore control characters and space inside a scheme.
// eslint-disable-next-line no-control-regex
const SCRIPT = /^[\u0000-\u0020]*(j\s*a\s*v\s*a|v\s*b)\s*s\s*c\s*r\s*i\s*p\s*t\s*:/i;
/** Fields that a password manager may take for its own. */
const FIELDS = new Set(['input', 'select', 'textarea', 'form']);

/** Changes `attributes` in place. `tag` is lower-case, or undefined where it is not known. */
export function sanitizeAttributes(
  tag: string | undefined,
  attributes: Attributes,
  context: AttributeContext,
): void {
  if (tag === 'meta') return keepColorScheme(attributes, context.media);
  const isSheet = tag === 'link' && isStylesheet(attributes);
  for (const [name, value] of Object.entries(attributes)) {
    const lower = name.toLowerCase();
    const safe =
      isSheet && lower === 'href' ? sheet(value, context) : safeValue(tag, lower, value, context);
    if (safe === undefined) Reflect.deleteProperty(attributes, name);
    else if (safe !== value) attributes[name] = safe;
  }
  if (tag === 'canvas') sizeCanvas(attributes, context.isChange);
  if (tag === undefined || FIELDS.has(tag)) guardField(attributes);
  // Without its address it never loads, and rrweb would wait for it.
  if (isSheet && attributes['href'] === undefined) delete attributes['rel'];
}

function isStylesheet(attributes: Attributes): boolean {
  return /^\s*stylesheet\s*$/i.test(String(attributes['rel'])) && attributes['as'] === undefined;
}

/** Of an allowed host; what the recorder could read came along as `_cssText`. */
function sheet(value: unknown, { policy }: AttributeContext): string | undefined {
  return typeof value === 'string' && value !== '' ? policy.remote(value) : undefined;
}

function safeValue(
  tag: string | undefined,
  name: string,
  value: unknown,
  context: AttributeContext,
): unknown {
  if (NEVER.test(name) && !OURS.test(name)) return undefined;
  if (name === 'style') return safeStyle(value, context);
  // rrweb makes text of whatever it is: a list of one address is an address.
  if (typeof value !== 'string')
    return typeof value === 'object' && value !== null ? undefined : value;
  const { policy } = context;
  const local = name.replace(/^.*:/, '');
  if (local !== name && NEVER.test(local)) return undefined;
  if (name === '_csstext') return adaptCss(sanitizeCss(value, policy), context.media);
  if (tag !== undefined && DOCUMENTS.has(tag) && DOCUMENT_SOURCES.has(local)) return undefined;
  if (tag !== undefined && ANIMATIONS.test(tag) && isActive(local, value)) return undefined;
  if (local === 'href') return safeHref(tag, value, policy);
  if (local === 'srcset') return safeSourceSet(value, policy);
  if (local === 'media') return adaptMedia(value, context.media);
  if (RESOURCE.has(local)) return safeResource(tag, local, value, policy);
  if (local === 'value' || local === 'class' || local === 'id') return value;
  if (SCRIPT.test(value)) return undefined;
  // SVG presentation attributes and the like: fill="url(https://...)".
  return /\(|\\/.test(value) ? sanitizeCss(value, policy) : value;
}

/** Addresses, handlers and styles must not come about by an animation. */
function isActive(name: string, value: string): boolean {
  if (/^(to|from|by|values)$/.test(name)) return /\/\/|:/.test(value);
  return name === 'attributename' && /^\s*(.*:)?(href|src|style|class|on\w*)\s*$/i.test(value);
}

function safeResource(
  tag: string | undefined,
  name: string,
  value: string,
  policy: UrlPolicy,
): string | undefined {
  // The replayer would load these two outside of the frame.
  const isEmbedded = /^\s*data:image\//i.test(value);
  if (name.startsWith('rr_')) return isEmbedded ? value : undefined;
  const isMedia = tag !== undefined && MEDIA_ELEMENTS.test(tag) && name === 'src';
  if (isMedia) return /^\s*data:(audio|video)\//i.test(value) ? value : undefined;
  return policy.resource(value) ?? placeholder(tag, name);
}

function safeHref(tag: string | undefined, value: string, policy: UrlPolicy): string | undefined {
  if (tag === 'base' || tag === 'link') return undefined;
  if (tag === undefined || LINKS.has(tag)) return isHarmlessLink(value) ? value : undefined;
  if (tag === 'use') return value.trim().startsWith('#') ? value : undefined;
  return policy.resource(value); // SVG <image>, <use>, <feImage>
}

function placeholder(tag: string | undefined, name: string): string | undefined {
  if (tag !== 'img' && tag !== 'input') return undefined;
  return name === 'src' ? PLACEHOLDER_IMAGE : undefined;
}

function safeSourceSet(value: string, policy: UrlPolicy): string | undefined {
  // Candidates are split at commas that are followed by space, as data: addresses hold commas.
  const kept = value.split(/,\s+/).flatMap((candidate) => {
    const [url = '', ...descriptor] = candidate.trim().split(/\s+/);
    const safe = policy.resource(url);
    return safe === undefined || safe === '' ? [] : [[safe, ...descriptor].join(' ')];
  });
  return kept.length > 0 ? kept.join(', ') : undefined;
}

/** A string, or in mutations a map of properties to `false`, a string or `[value, priority]`. */
function safeStyle(value: unknown, { policy, media }: AttributeContext): unknown {
  const safe = (css: string): string => adaptMedia(sanitizeCss(css, policy), media);
  if (typeof value === 'string') return safe(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const style = value as Record<string, unknown>;
  for (const [property, entry] of Object.entries(style)) {
    if (typeof entry === 'string') style[property] = safe(entry);
    else if (Array.isArray(entry)) style[property] = [safe(String(entry[0])), String(entry[1])];
    else if (entry !== false) Reflect.deleteProperty(style, property);
  }
  return style;
}

/** Without scripts a browser does not lay out a canvas by its attributes; a rule of the player does. */
function sizeCanvas(attributes: Attributes, isChange: boolean): void {
  for (const name of ['width', 'height']) {
    const value = /^\s*\d{1,5}/.exec(recordedText(attributes[name]))?.[0].trim();
    if (value === undefined) continue;
    const style = attributes['style'] ?? (isChange ? {} : '');
    if (typeof style === 'string') attributes['style'] = `${style};--replay-${name}:${value}`;
    else attributes['style'] = { ...style, [`--replay-${name}`]: value };
  }
}

/** Of all that a `meta` may say only this belongs to the picture. */
function keepColorScheme(attributes: Attributes, media: RecordedMedia): void {
  const { content } = attributes;
  const isScheme = String(attributes['name']).toLowerCase() === 'color-scheme';
  for (const name of Object.keys(attributes)) Reflect.deleteProperty(attributes, name);
  if (!isScheme || typeof content !== 'string') return;
  attributes['name'] = 'color-scheme';
  attributes['content'] = adaptMedia(`color-scheme:${content}`, media).slice(13);
}

/** A password manager must never fill the viewer's credentials into a recorded form. */
function guardField(attributes: Attributes): void {
  if (typeof attributes['autocomplete'] === 'string') attributes['autocomplete'] = 'off';
  if (String(attributes['type']).toLowerCase() !== 'password') return;
  Object.assign(attributes, {
    ...{ type: 'text', autocomplete: 'off', 'data-replay-dots': '' },
    ...{ 'data-1p-ignore': '', 'data-bwignore': '', 'data-lpignore': 'true' },
  });
  delete attributes['name'];
}
