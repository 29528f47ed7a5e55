/**
 * URLs carry tokens, search terms and names: by default only scheme, host and the parts of the path
 * that tell which page it is are recorded.
 */

/** Turns a URL into what may be recorded. Must not throw; if it does, the URL is dropped. */
export type UrlSanitizer = (url: string) => string;

/** Part of a path that holds an address, free text, or (outside of file names) an id or a token. */
const PERSONAL = /[^@]@[^@]+\.[a-z]{2}|%[2-7]|[+\s]/i;
const TOKEN =
  /\d{6}|(\d\W?){12}|[\da-fA-F]{8}-[\da-fA-F]{4}-|(?=[a-zA-Z]*\d)[a-zA-Z\d]{16}|(?=[-\w]*[a-z])(?=[-\w]*[A-Z])(?=[-\w]*\d)[-\w]{10}/;
const FILE = /\.(css|m?js|woff2?|[ot]tf|png|jpe?g|gif|svg|webp|avif|ico)$/i;

/**
 * The default `urlSanitizer`. Without query, fragment, user and password; of schemes that hold
 * data, the scheme alone. In the path `*` stands for every part that looks like an e-mail address,
 * free text, a number of six digits or more, a UUID, or a token; names of static files keep their
 * hashes. Of `https://shop.example/users/ann@x.example/reset/8f14e45fceea167a?x` this is left:
 * `https://shop.example/users/`, a star, `/reset/`, a star.
 */
export function stripUrl(url: string): string {
  const text = url.trim();
  const [start, scheme] = /^(?:([a-z][a-z\d+.-]*):)?[/\\]*/i.exec(text) as unknown as string[];
  if (scheme && !/^(https?|wss?|ftp|file)$/i.test(scheme)) return `${scheme.toLowerCase()}:`;
  const rest = text.slice(start!.length).replace(/[?#][^]*/, '');
  // `//host/path` and relative URLs have no scheme of their own.
  const host = scheme || start!.length > 1 ? /^[^/\\]*/.exec(rest)![0] : '';
  return (
    start! +
    host.replace(/[^]*@/, '') +
    rest
      .slice(host.length)
      .replace(/;[^/\\]*|[^/\\;]+/g, (part) =>
        part[0] === ';'
          ? ''
          : PERSONAL.test(part) || (TOKEN.test(part) && !FILE.test(part))
            ? '*'
            : part,
      )
  );
}

/** The same, but it never throws: what cannot be sanitised is not recorded. */
export function guardUrls(sanitize: UrlSanitizer): UrlSanitizer {
  return (url) => {
    try {
      return String(sanitize(url));
    } catch {
      return '';
    }
  };
}

/** A `srcset`: URLs with descriptors, separated by commas (a URL may hold commas, no spaces). */
export function sanitizeSrcset(srcset: string, sanitizeUrl: UrlSanitizer): string {
  return srcset.replace(/\S+?(?=,?(\s|$))/g, (part) =>
    /^[\d.]+[wxh]$/.test(part) ? part : sanitizeUrl(part),
  );
}
