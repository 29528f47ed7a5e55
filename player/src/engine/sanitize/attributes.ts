/** Attributes of a recorded element, made harmless. */
import { sanitizeCss } from './css.js';
import { PLACEHOLDER_IMAGE, isHarmlessLink, type UrlPolicy } from './url.js';

export type Attributes = Record<string, unknown>;

/** Loads a document, a script, or leads somewhere by itself: never kept, on any element. */
const NEVER = new Set([
  'srcdoc',
  'ping',
  'formaction',
  'action',
  'manifest',
  'archive',
  'classid',
  'code',
  'codebase',
  'profile',
  'http-equiv',
  'nonce',
  'integrity',
  'attributionsrc',
  'autofocus',
  'autoplay',
  'rr_mediastate', // Nothing is there to be played.
  'imagesrcset',
  'lowsrc',
  'dynsrc',
]);

/** Address attributes that are images (or media) on the elements that have them. */
const RESOURCE = new Set(['src', 'poster', 'background', 'data', 'rr_dataurl', 'rr_src']);

const LINKS = new Set(['a', 'area']);
const DOCUMENTS = new Set([
  'iframe',
  'frame',
  'object',
  'embed',
  'applet',
  'portal',
  'script',
  'fencedframe',
]);
const DOCUMENT_SOURCES = new Set(['src', 'data', 'type']);

/** Changes `attributes` in place. `tag` is lower-case, or undefined where it is not known. */
export function sanitizeAttributes(
  tag: string | undefined,
  attributes: Attributes,
  policy: UrlPolicy,
): void {
  for (const [name, value] of Object.entries(attributes)) {
    const safe = safeValue(tag, name.toLowerCase(), value, policy);
    if (safe === undefined) delete attributes[name];
    else if (safe !== value) attributes[name] = safe;
  }
  if (tag === 'input') guardPassword(attributes);
  // Without its address it never loads, and rrweb would wait for it.
  if (tag === 'link' && /stylesheet/i.test(String(attributes['rel']))) delete attributes['rel'];
  // One that says how much of the viewer's address is sent along; the frame says "nothing".
  if (tag === 'meta' && String(attributes['name']).toLowerCase() === 'referrer') {
    delete attributes['content'];
  }
}

function safeValue(
  tag: string | undefined,
  name: string,
  value: unknown,
  policy: UrlPolicy,
): unknown {
  if (name === 'style') return safeStyle(value, policy);
  if (typeof value !== 'string') return value;
  const local = name.replace(/^xlink:/, '');
  if (local.startsWith('on') || NEVER.has(local)) return undefined;
  if (name === '_csstext') return sanitizeCss(value, policy);
  if (local === 'referrerpolicy') return undefined;
  if (tag !== undefined && DOCUMENTS.has(tag) && DOCUMENT_SOURCES.has(local)) return undefined;
  if (local === 'href') return safeHref(tag, value, policy);
  if (local === 'srcset') return safeSourceSet(value, policy);
  if (RESOURCE.has(local)) return policy.resource(value) ?? placeholder(tag, local);
  // SVG presentation attributes and the like: fill="url(https://...)".
  if (value.includes('(')) return sanitizeCss(value, policy);
  return /^\s*javascript:/i.test(value) ? undefined : value;
}

function safeHref(tag: string | undefined, value: string, policy: UrlPolicy): string | undefined {
  if (tag === 'base' || tag === 'link') return undefined;
  if (tag === undefined || LINKS.has(tag)) return isHarmlessLink(value) ? value : undefined;
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
function safeStyle(value: unknown, policy: UrlPolicy): unknown {
  if (typeof value === 'string') return sanitizeCss(value, policy);
  if (typeof value !== 'object' || value === null) return value;
  const style = value as Record<string, unknown>;
  for (const [property, entry] of Object.entries(style)) {
    if (typeof entry === 'string') style[property] = sanitizeCss(entry, policy);
    else if (Array.isArray(entry) && typeof entry[0] === 'string') {
      style[property] = [sanitizeCss(entry[0], policy), ...(entry.slice(1) as unknown[])];
    }
  }
  return style;
}

/** A password manager must never fill the viewer's credentials into a recorded form. */
function guardPassword(attributes: Attributes): void {
  if (String(attributes['type']).toLowerCase() !== 'password') return;
  attributes['type'] = 'text';
  attributes['autocomplete'] = 'off';
  delete attributes['name'];
}
