/**
 * Attributes are text too. Known layout and state attributes pass, URLs are stripped, everything
 * else is masked unless the element is unmasked.
 */
import { sanitizeCss } from './css.js';
import { maskSecret, maskText } from './mask.js';
import type { PrivacyPolicy } from './privacy.js';
import { sanitizeSrcset, type UrlSanitizer } from './url.js';

export interface AttributeContext {
  tagName: string;
  /** SVG is drawn by its attributes, so all but the text-like ones pass. */
  svg: boolean;
  unmasked: boolean;
  element: Element | null;
  policy: PrivacyPolicy;
  sanitizeUrl: UrlSanitizer;
}

/** Leave the attribute out. */
export const DROP = undefined;

/** Script, markup or secrets in an attribute; nothing a player could use. */
const DROPPED = /^(on.*|srcdoc|nonce|integrity|ping|rr_dataURL)$/;

const URLS =
  /^((xlink:)?href|(low|rr_)?src|(form)?action|poster|cite|data|background|codebase|longdesc)$/;

/** What HTML and CSS lay out by, and names of elements of the page. Never text that is shown. */
const LAYOUT =
  /^(id|class|type|role|name|dir|lang|hidden|disabled|readonly|required|checked|selected|multiple|open|rows|cols|size|maxlength|span|colspan|rowspan|scope|width|height|tabindex|rel|media|as|charset|autocomplete|contenteditable|align|valign|bgcolor|border|cellpadding|cellspacing|color|face|start|reversed|wrap|nowrap|inert|popover|popovertarget|slot|part|exportparts|is|sizes|controls|autoplay|loop|muted|playsinline|low|high|min|max|step|optimum|frameborder|scrolling|shape|coords|for|xmlns.*|aria-(controls|labelledby|describedby|owns|activedescendant))$/;

/** Values that say how something looks, not what it says. */
const STATE =
  /^(true|false|mixed|on|off|none|auto|open|closed|(in)?active|(un)?checked|indeterminate|selected|visible|hidden|expanded|collapsed|disabled|loading|horizontal|vertical|top|right|bottom|left|start|end|center|light|dark|light dark|page|[+-]?\d{1,2}(\.\d{1,2})?(px|%|r?em)?)?$/i;

const MEDIA = /^(img|picture|source|video|audio|track|object|embed|image)$/;

export function isMedia(tagName: string): boolean {
  return MEDIA.test(tagName);
}

/** The value to record, or {@link DROP}. */
export function sanitizeAttribute(
  context: AttributeContext,
  name: string,
  value: unknown,
): unknown {
  if (typeof value !== 'string') return typeof value === 'object' && value !== null ? DROP : value;
  const lower = name.toLowerCase();
  const { tagName, unmasked, sanitizeUrl } = context;
  if (DROPPED.test(lower)) return DROP;
  if (lower === 'style') return sanitizeCss(value, sanitizeUrl, unmasked);
  if (name === '_cssText') return sanitizeCss(value, sanitizeUrl, tagName === 'link');
  if (lower === 'value') return formValue(context, value);
  if (lower === 'srcset' || lower === 'imagesrcset') {
    return unmasked ? sanitizeSrcset(value, sanitizeUrl) : DROP;
  }
  if (URLS.test(lower)) return reference(context, lower, value);
  if (/^(rr_|data-replay-)/.test(name) || isLayout(context, lower)) return value;
  if (unmasked || STATE.test(value) || context.policy.allowAttributes.includes(lower)) return value;
  if (context.svg && !/^(aria-|data-|title$|alt$|label$)/.test(lower)) {
    return sanitizeCss(value, sanitizeUrl);
  }
  return maskText(value);
}

/** An attribute of layout; on a custom element its author decides what an attribute holds. */
function isLayout({ tagName, element }: AttributeContext, name: string): boolean {
  if (tagName.includes('-')) return /^(class|id|slot|part|role|dir|lang)$/.test(name);
  // Needed for the picture, and never about the person.
  if (tagName === 'meta' && name === 'content') {
    return /^(viewport|color-scheme)$/i.test(element?.getAttribute('name') ?? '');
  }
  return LAYOUT.test(name);
}

function formValue(
  { tagName, element, policy, unmasked }: AttributeContext,
  value: string,
): unknown {
  if (/^(input|textarea|select)$/.test(tagName) && policy.isSecretInput(element)) {
    return maskSecret(value);
  }
  return unmasked ? value : maskText(value);
}

function reference(
  { tagName, unmasked, sanitizeUrl }: AttributeContext,
  name: string,
  value: string,
): unknown {
  // Names an element of the page: sprites, image maps, filters.
  if (name !== 'src' && /^#[\w:.-]*$/.test(value) && tagName !== 'a') return value;
  if (isMedia(tagName) || tagName === 'input') {
    if (!unmasked) return DROP;
    if (/^data:image\//i.test(value)) return value;
  }
  const fragment = tagName === 'use' ? (/#[\w:.-]*$/.exec(value)?.[0] ?? '') : '';
  return sanitizeUrl(value) + fragment;
}
