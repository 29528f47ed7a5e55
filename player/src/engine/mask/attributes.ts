/** Attributes and CSS of a recorded element under stricter rules. */
import { hide, type Masks } from './rules.js';

type Attributes = Record<string, unknown>;

/** What lays an element out. Anything else of a masked element may say something about somebody. */
const LAYOUT =
  /^(id|class|style|type|role|dir|lang|rows|cols|size|span|colspan|rowspan|width|height|rr_(width|height|scroll\w+)|tabindex|rel|media|multiple|disabled|readonly|hidden|open|slot|part|is|for|wrap|xmlns.*|viewbox|preserveaspectratio|d|[cfr]?[xyr]|[xy][12]|points|transform|fill.*|stroke.*|_csstext)$/;
const PICTURES =
  /^((xlink:)?href|src|srcset|poster|data|background|rr_dataurl|rr_src|checked|selected)$/;
/** Read out or shown as text. */
const SPOKEN =
  /^(value|title|alt|placeholder|label|summary|content|caption|download|aria-(label|description|valuetext|roledescription|placeholder))$/;
const STATE =
  /^(true|false|mixed|on|off|none|auto|open|closed|(in)?active|(un)?checked|selected|visible|hidden|expanded|collapsed|horizontal|vertical|top|right|bottom|left|start|end|center|light|dark|[\d.]{0,6}(px|r?em|%)?)$/i;
const QUOTED = /"(?:[^"\\]|\\[^])*"?|'(?:[^'\\]|\\[^])*'?|url\([^)]*\)?|\/\*[^]*?(?:\*\/|$)/gi;
const CONTENT = /(content\s*:)([^;}]*)/gi;
const WORDS = /[\p{L}\p{N}]/gu;

/** Changes `attributes` in place. `isMasked`: the element or something above it is. */
export function maskAttributes(attributes: Attributes, masks: Masks, isMasked: boolean): void {
  for (const [name, value] of Object.entries(attributes)) {
    const lower = name.toLowerCase();
    const masked = maskAttribute(lower, value, masks, isMasked);
    if (masked === undefined) delete attributes[name];
    else if (masked !== value) attributes[name] = masked;
  }
}

function maskAttribute(name: string, value: unknown, masks: Masks, isMasked: boolean): unknown {
  if (masks.isHiddenAttribute(name)) return typeof value === 'string' ? hide(value) : undefined;
  if (isMasked && PICTURES.test(name)) return undefined;
  if (name === 'style' && typeof value === 'object' && value !== null) {
    return maskStyle(value as Record<string, unknown>, masks, isMasked);
  }
  if (typeof value !== 'string') return value;
  if (name === 'style' || name === '_csstext') return maskCss(value, masks, isMasked);
  if (isMasked && !LAYOUT.test(name)) return hide(value);
  if (masks.allText && (SPOKEN.test(name) || (name.startsWith('data-') && !STATE.test(value)))) {
    return hide(value);
  }
  return masks.textOf(value);
}

function maskStyle(
  style: Record<string, unknown>,
  masks: Masks,
  isMasked: boolean,
): Record<string, unknown> {
  for (const [property, entry] of Object.entries(style)) {
    if (typeof entry === 'string') style[property] = maskCss(entry, masks, isMasked);
    else if (Array.isArray(entry) && typeof entry[0] === 'string') {
      style[property] = [maskCss(entry[0], masks, isMasked), ...(entry.slice(1) as unknown[])];
    }
  }
  return style;
}

/** Only strings, addresses and comments hold text: anything else would break the layout. */
export function maskCss(css: string, masks: Masks, isMasked = false): string {
  let masked = css;
  if (masks.allText) {
    masked = masked.replace(CONTENT, (_all, property: string, value: string) => {
      return property + value.replace(QUOTED, (quoted) => quoted.replace(WORDS, '*'));
    });
  }
  return masked.replace(QUOTED, (token) => {
    if (isMasked && /^url/i.test(token)) return 'url("data:,")';
    return isMasked ? token.replace(WORDS, '*') : masks.textOf(token);
  });
}
