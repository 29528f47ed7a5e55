/** Which addresses of a recording may be loaded by the viewer's browser: by default none. */

/** Drawn where an image was: quiet, and stretches to the size the page gave it. */
export const PLACEHOLDER_IMAGE =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' preserveAspectRatio='none' viewBox='0 0 8 8'%3E%3Crect width='8' height='8' fill='%238a94a6' fill-opacity='.18'/%3E%3C/svg%3E";

const EMBEDDED = /^data:(image|font|audio|video|application\/(x-)?font)/i;

export interface UrlPolicyOptions {
  /** Images of the recorded site may be loaded; default false. */
  allowRemoteImages: boolean;
  /** Origin of the page that shows the replay: never loaded from, whatever is allowed. */
  viewerOrigin: string;
}

export class UrlPolicy {
  readonly #options: UrlPolicyOptions;
  /** Address of the recorded page, to resolve relative ones. */
  pageUrl = 'about:blank';
  /** How many remote addresses were withheld. */
  blockedCount = 0;

  constructor(options: UrlPolicyOptions) {
    this.#options = options;
  }

  /** `url` if it may be loaded as a sub-resource, its absolute form if that is needed, else undefined. */
  resource(url: string): string | undefined {
    const trimmed = url.trim();
    if (trimmed === '' || trimmed.startsWith('#') || EMBEDDED.test(trimmed)) return url;
    if (/^data:,?$/i.test(trimmed)) return url;
    if (this.#options.allowRemoteImages) {
      const absolute = this.#absolute(trimmed);
      if (absolute !== undefined) return absolute;
    }
    this.blockedCount++;
    return undefined;
  }

  #absolute(url: string): string | undefined {
    if (!URL.canParse(url, this.pageUrl)) return undefined;
    const parsed = new URL(url, this.pageUrl);
    if (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') return undefined;
    return parsed.origin === this.#options.viewerOrigin ? undefined : parsed.href;
  }
}

/** True for the target of a link that can do nothing but lead somewhere. */
export function isHarmlessLink(url: string): boolean {
  // Browsers ignore control characters and space inside a scheme.
  // eslint-disable-next-line no-control-regex
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url.replace(/[\u0000-\u0020]/g, ''))?.[1];
  return scheme === undefined || ['http', 'https', 'mailto', 'tel'].includes(scheme.toLowerCase());
}
