/** CSS of a recording: nothing in it may load, and late `:hover` rules must work as early ones do. */
import type { UrlPolicy } from './url.js';

const RISKY = /url\(|@import|image-set|src\(/i;
const URL_TOKEN = /url\(\s*(?:"([^"]*)"|'([^']*)'|([^)]*?))\s*\)/gi;
const IMPORT = /@import[^;]*;?/gi;
const IMAGE_SET = /((?:-webkit-)?image-set)\(\s*((?:"[^"]*"|'[^']*'|[^()"']|\([^()]*\))*)\)/gi;
const STRING = /"([^"]*)"|'([^']*)'/g;

/**
 * `css` with every address replaced that `policy` does not allow. Escapes could hide one from these
 * patterns; the frame's content security policy is the barrier, this is the second one.
 */
export function sanitizeCss(css: string, policy: UrlPolicy): string {
  if (!RISKY.test(css)) return css;
  return css
    .replace(IMPORT, '')
    .replace(URL_TOKEN, (token, double?: string, single?: string, bare?: string) => {
      const url = (double ?? single ?? bare ?? '').trim();
      const safe = policy.resource(url);
      return safe === url ? token : `url("${safe ?? 'data:,'}")`;
    })
    .replace(IMAGE_SET, (_token, name: string, list: string) => {
      const safe = list.replace(STRING, (_quoted, double?: string, single?: string) => {
        return `"${policy.resource(double ?? single ?? '') ?? 'data:,'}"`;
      });
      return `${name}(${safe})`;
    });
}

/**
 * rrweb turns `:hover` into a class in style sheets it rebuilds, but not in rules that arrive later
 * (`insertRule`, `adoptedStyleSheets`); this does the same for those.
 */
export function adaptHover(rule: string): string {
  const brace = rule.indexOf('{');
  if (brace < 0 || rule.startsWith('@')) return rule;
  const selectors = rule.slice(0, brace);
  if (!selectors.includes(':hover')) return rule;
  return `${selectors.trimEnd()},${selectors.replaceAll(':hover', '.\\:hover')}${rule.slice(brace)}`;
}
