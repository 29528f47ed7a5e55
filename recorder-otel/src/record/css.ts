/** CSS can show text (`content`, custom properties) and name URLs; both are sanitised. */
import type { UrlSanitizer } from './url.js';
import { maskText } from './mask.js';

const STRING = `"(?:[^"\\\\]|\\\\[^])*"|'(?:[^'\\\\]|\\\\[^])*'`;
const strings = new RegExp(STRING, 'g');
const comments = /\/\*[^]*?(?:\*\/|$)/g;
const imports = new RegExp(`(@import\\s+)(${STRING})`, 'gi');
const references = new RegExp(`url\\(\\s*(${STRING}|(?:[^)\\\\]|\\\\[^])*)\\)`, 'gi');
/** Declarations whose strings reach the screen: `content`, `quotes`, and whatever uses a variable. */
const shown = new RegExp(
  `((?:^|[;{\\s])(?:content|quotes|--[\\w-]+)\\s*:)((?:${STRING}|[^;{}"'])*)`,
  'gi',
);

/**
 * @param keepData keep `data:` URLs: fonts and pictures that a stylesheet file embeds
 */
export function sanitizeCss(css: string, sanitizeUrl: UrlSanitizer, keepData = false): string {
  return css
    .replace(comments, '')
    .replace(references, (_all, url: string) => reference(unquote(url), sanitizeUrl, keepData))
    .replace(imports, (_all, at: string, url: string) => `${at}"${sanitizeUrl(unquote(url))}"`)
    .replace(shown, (_all, property: string, value: string) => property + maskStrings(value));
}

/** A single value, as style mutations carry it. */
export function sanitizeCssValue(property: string, value: string, sanitize: UrlSanitizer): string {
  return sanitizeCss(`${property}:${value}`, sanitize).slice(property.length + 1);
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
function maskStrings(value: string): string {
  return value.replace(strings, (quoted) => {
    const text = quoted
      .slice(1, -1)
      .replace(/\\([\da-f]{1,6})\s?/gi, (_all, hex: string) =>
        String.fromCodePoint(Math.min(parseInt(hex, 16), 0x10ffff)),
      );
    return /[\p{L}\p{N}]/u.test(text) ? `"${maskText(text)}"` : quoted;
  });
}
