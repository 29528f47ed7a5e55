/** URLs carry tokens and search terms: only scheme, host and path are recorded by default. */

/** Turns a URL into what may be recorded. Must not throw; if it does, the URL is dropped. */
export type UrlSanitizer = (url: string) => string;

/** Without query, fragment, user and password; of schemes that hold data, the scheme alone. */
export function stripUrl(url: string): string {
  const text = url.trim();
  if (text === '') return '';
  // `//host/path` and relative URLs have no scheme of their own.
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme && !/^(https?|wss?|ftp|file)$/.test(scheme)) return `${scheme}:`;
  return text.replace(/[?#][^]*$/, '').replace(/^([a-z\d+.-]*:?[/\\]{2})[^/\\]*@/i, '$1');
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
