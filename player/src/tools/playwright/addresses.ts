/** Addresses as recordings have them: without query, and with stars for ids and tokens. */

/** Throws nothing: what is no address has no parts. */
export function parse(url: string): URL | undefined {
  return /^https?:/i.test(url) && URL.canParse(url) ? new URL(url) : undefined;
}

export function samePage(a: string, b: string): boolean {
  const [one, other] = [parse(a), parse(b)];
  if (one === undefined || other === undefined || one.origin !== other.origin) return false;
  return trimmed(one.pathname) === trimmed(other.pathname);
}

function trimmed(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}

/** Segments that will be others next time: masked ones, numbers, and what looks made up. */
const VARIES = /^(\*|%2A|\d+|[\da-f]{8}-[\da-f-]{20,}|(?=.*\d)[\w-]{20,})$/i;

/** A path, or where parts of it vary a regular expression. */
export function pathPattern(path: string): { path: string } | { pattern: string } {
  const parts = path.split('/');
  if (!parts.some((part) => VARIES.test(part))) return { path };
  const pattern = parts.map((part) =>
    VARIES.test(part) ? '[^/]+' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  return { pattern: `^${pattern.join('\\/')}$` };
}
