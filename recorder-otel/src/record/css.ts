/**
 * CSS can show text and name URLs. Of its strings only those stay that hold no text: names of fonts
 * and grid areas, values of attribute selectors, symbols. All others are masked, whatever property
 * they stand in, so that nothing depends on knowing every property that shows text.
 */
import type { UrlSanitizer } from './url.js';
import { maskAddresses, maskText } from './mask.js';

/** As CSS reads them: a string ends at its quote, at the end of its line, or at the end. */
const STRING = `"(?:[^"\\\\\\n]|\\\\[^]?)*"?|'(?:[^'\\\\\\n]|\\\\[^]?)*'?`;
const strings = new RegExp(STRING, 'g');
/** Comments; `url()`; functions with an escaped name; imports; selectors; strings; property names. */
const tokens = new RegExp(
  `/\\*[^]*?(?:\\*/|$)|url\\(\\s*(${STRING}|(?:[^)\\\\]|\\\\[^]?)*)\\s*(?:\\)|$)|\\\\[-\\w]+\\([^)]*\\)?|@import\\s+(${STRING})|(\\[\\s*[^\\s"'=\\]]+\\s*=\\s*(?:${STRING})[^\\]"']*\\])|(${STRING})|([^\\s:;{}"'()[\\]\\\\/]+(?=\\s*:))|[;{}]`,
  'gi',
);
const SILENT =
  /^(font(-(family|(feature|variation)-settings))?|grid(-template(-areas)?)?|src|syntax|animation(-name)?)$/i;
/** Custom properties, and of their values what is a word: anybody may keep a name in them. */
const custom = /(--[^\s:;]+\s*:)([^;{}]*)/g;
const words = /[#\d.-]*[\p{L}_][\p{L}\p{N}_-]*\(?/gu;
const PLAIN =
  /^(#[\da-f]{3,8}|-?[\d.]*\d[a-z]{0,4}|--[-\w]+|[-a-z]+\d?[a-z]?\(|none|auto|left|right|top|bottom|center)$/i;

/**
 * @param keepData keep `data:` URLs: fonts and pictures that a stylesheet file embeds
 * @param property whose value `css` is, when it is one
 */
export function sanitizeCss(
  css: string,
  sanitizeUrl: UrlSanitizer,
  keepData = false,
  property = '',
): string {
  // Nothing in it that shows text or names a URL, as in most.
  if (!/["'\\@[]|\/\*|url\(/i.test(css)) return css;
  let name = property;
  return css.replace(
    tokens,
    (
      all: string,
      url: string | undefined,
      imported: string | undefined,
      selector: string | undefined,
      string: string | undefined,
      declared: string | undefined,
    ) => {
      if (url !== undefined) return reference(unquote(url), sanitizeUrl, keepData);
      if (imported) return `@import "${sanitizeUrl(unquote(imported))}"`;
      if (selector) {
        return name.startsWith('--') ? selector.replace(strings, maskString) : maskAddresses(all);
      }
      if (string) return SILENT.test(name) ? string : maskString(string);
      if (/^[/\\]/.test(all)) return '';
      // A custom property may hold what looks like declarations.
      if (!name.startsWith('--') || /[;}]/.test(all)) name = declared ?? property;
      return all;
    },
  );
}

/** A single value, as changes of an element's style carry it. */
export function sanitizeStyleValue(
  property: string,
  value: string,
  sanitizeUrl: UrlSanitizer,
): string {
  const css = sanitizeCss(value, sanitizeUrl, false, property);
  return property.startsWith('--') ? maskWords(css) : css;
}

let scratch: CSSStyleDeclaration | undefined;

/** The style of one element, which may be about one person: what the browser makes of it. */
export function sanitizeStyle(text: string, sanitizeUrl: UrlSanitizer, keepData: boolean): string {
  scratch ??= document.createElement('i').style;
  scratch.cssText = text;
  const css = scratch.cssText;
  // Nothing in it that shows text or names a URL, as in most.
  if (!/["'(\\]|--/.test(css)) return css;
  return sanitizeCss(css, sanitizeUrl, keepData).replace(
    custom,
    (_all, property: string, value: string) => property + maskWords(value),
  );
}

/** Numbers, colours and functions stay. */
function maskWords(value: string): string {
  return value.replace(words, (word) =>
    PLAIN.test(word) || CSS.supports('color', word) ? word : maskText(word),
  );
}

function unquote(text: string): string {
  return text.trim().replace(/^(["'])([^]*)\1$/, '$2');
}

function reference(url: string, sanitize: UrlSanitizer, keepData: boolean): string {
  // A fragment alone names an element of the page (SVG filters, masks).
  if (/^#[\w-]*$/.test(url)) return `url("${url}")`;
  if (/^data:/i.test(url)) {
    const keep = keepData || /^data:(font|application\/(x-)?font)/i.test(url);
    return keep ? `url("${url.replace(/"/g, '%22')}")` : 'url("data:,")';
  }
  return `url("${sanitize(url).replace(/["\\\n]/g, '')}")`;
}

/** Icons are symbols or private-use characters and stay; letters and digits are masked. */
function maskString(quoted: string): string {
  const text = quoted
    .replace(/^["']|["']$/g, '')
    .replace(/\\([\da-f]{1,6})\s?/gi, (_all, hex: string) =>
      String.fromCodePoint(Math.min(parseInt(hex, 16), 0x10ffff)),
    );
  return /[\p{L}\p{N}]/u.test(text) ? `"${maskText(text).replace(/\s/g, ' ')}"` : quoted;
}
