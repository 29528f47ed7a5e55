/** CSS of a recording: nothing in it may load that is not allowed. */
import type { UrlPolicy } from './url.js';

const RISKY = /url|@import|image|src|\\/i;
const STRING = `"(?:[^"\\\\]|\\\\[^])*(?:"|$)|'(?:[^'\\\\]|\\\\[^])*(?:'|$)`;
/** A namespace is a name that looks like an address; to the end of the text is CSS, too. */
const NAMESPACE = `@namespace\\s(?:${STRING}|[^;"'])*;?`;
const IMPORT = `@import(?:${STRING}|url\\((?:${STRING}|[^)"'])*(?:\\)|$)|[^;"'{}])*;?`;
const URL_TOKEN = `(?:url|src)\\(\\s*(?:(${STRING})|([^)]*?))\\s*(?:\\)|$)`;
const SET = `((?:-webkit-)?image-set|(?:-webkit-)?cross-fade|image)\\(((?:${STRING}|[^()"']|\\((?:${STRING}|[^()"'])*\\))*)(?:\\)|$)`;
const TOKENS = new RegExp(
  `/\\*[^]*?(?:\\*/|$)|${NAMESPACE}|(${IMPORT})|\\b${URL_TOKEN}|(?<![-\\w])${SET}`,
  'gi',
);
const IN_SET = new RegExp(
  `(type\\(\\s*(?:${STRING})\\s*\\))|(${STRING})|url\\(\\s*(?:(${STRING})|([^)]*?))\\s*\\)`,
  'gi',
);
const NAME = /(?:[-@\w]|\\[0-9a-f]{1,6}\s?|\\[^\n])+/gi;
/** Names that make a browser load something: as written, however they are escaped. */
const LOADS = /^(@import|@font-face|@namespace|url|src|image|(-webkit-)?(image-set|cross-fade))$/i;
const EMPTY = 'url("data:,")';

/**
 * `css` with every address replaced that `policy` does not allow. The frame's content security policy
 * is the barrier, this is the second one.
 */
export function sanitizeCss(css: string, policy: UrlPolicy): string {
  if (!RISKY.test(css)) return css;
  const plain = css.includes('\\') ? unescapeNames(css) : css;
  return plain.replace(
    TOKENS,
    (token, imported?: string, quoted?: string, bare?: string, name?: string, list?: string) => {
      if (imported !== undefined) return '';
      if (name !== undefined) return `${name}(${sanitizeSet(list ?? '', policy)})`;
      const url = quoted === undefined ? bare : unquote(quoted);
      return url === undefined ? token : sanitizeUrl(token, url.trim(), policy);
    },
  );
}

function sanitizeUrl(token: string, url: string, policy: UrlPolicy): string {
  const safe = policy.resource(unescapeText(url));
  if (safe === undefined) return EMPTY;
  // What came along stays as it is written, but it ends where it is meant to.
  return safe === url && token.endsWith(')') ? token : `url("${safe.replace(/["\\\n]/g, '')}")`;
}

function sanitizeSet(list: string, policy: UrlPolicy): string {
  return list.replace(
    IN_SET,
    (token, type?: string, text?: string, quoted?: string, bare?: string) => {
      if (type !== undefined) return token;
      if (text !== undefined) return `"${policy.resource(unquote(text)) ?? 'data:,'}"`;
      return sanitizeUrl(
        token,
        (quoted === undefined ? (bare ?? '') : unquote(quoted)).trim(),
        policy,
      );
    },
  );
}

/** `u\72l(` is `url(`. */
function unescapeNames(css: string): string {
  return css.replace(NAME, (name) => {
    if (!name.includes('\\')) return name;
    const plain = unescapeText(name);
    return LOADS.test(plain) ? plain : name;
  });
}

function unescapeText(text: string): string {
  if (!text.includes('\\')) return text;
  return text
    .replace(/\\([0-9a-f]{1,6})\s?/gi, (_all, hex: string) => {
      const code = parseInt(hex, 16);
      return String.fromCodePoint(code > 0x10ffff || code === 0 ? 0xfffd : code);
    })
    .replace(/\\\n/g, '')
    .replace(/\\([^])/g, '$1');
}

function unquote(text: string): string {
  return text.replace(/^(["'])([^]*?)\1?$/, '$2');
}
