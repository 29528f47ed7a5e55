/** Which addresses of a recording may be loaded by the viewer's browser: by default none. */
import type { Assets, ShapeNode } from './assets.js';
import { isAllowedHost, type HostPattern } from './hosts.js';

/** Drawn where an image was: quiet, and stretches to the size the page gave it. */
export const PLACEHOLDER_IMAGE =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' preserveAspectRatio='none' viewBox='0 0 8 8'%3E%3Crect width='8' height='8' fill='%238a94a6' fill-opacity='.18'/%3E%3C/svg%3E";

const EMBEDDED = /^data:(image|font|audio|video|application\/(x-)?font)/i;
/** Of a forged recording there may be any number. */
const MAX_HOSTS = 50;
const MAX_REMEMBERED = 5000;

/** What was not loaded from a host that the viewer could allow. */
export interface BlockedHost {
  /** As `Playback.allowHost` takes it. */
  host: string;
  /** Different addresses. */
  count: number;
}

export interface UrlPolicyOptions {
  /** May be asked for images, fonts and style sheets; default none. See {@link HostPattern}. */
  allowHosts: readonly HostPattern[];
  /** Origin of the page that shows the replay: never loaded from, whatever is allowed. */
  viewerOrigin: string;
  /** What came along with the recording. */
  assets?: Assets | undefined;
}

export class UrlPolicy {
  readonly #options: UrlPolicyOptions;
  readonly #viewerHost: string;
  readonly #seen = new Set<string>();
  readonly #missed = new Set<string>();
  readonly #hosts = new Map<string, number>();
  /** Address of the recorded page, to resolve relative ones. */
  pageUrl = 'about:blank';
  /** How many different addresses were withheld. */
  blockedCount = 0;

  constructor(options: UrlPolicyOptions) {
    this.#options = options;
    const { viewerOrigin } = options;
    this.#viewerHost = URL.canParse(viewerOrigin) ? new URL(viewerOrigin).host : '';
  }

  /** Hosts of what was withheld, those with most first. */
  get blockedHosts(): BlockedHost[] {
    const found = [...this.#hosts].map(([host, count]) => ({ host, count }));
    return found.sort((a, b) => b.count - a.count || (a.host < b.host ? -1 : 1));
  }

  /** `url` if it may be loaded as a sub-resource, its absolute form if that is needed, else undefined. */
  resource(url: string): string | undefined {
    const trimmed = url.trim();
    if (trimmed === '' || trimmed.startsWith('#') || EMBEDDED.test(trimmed)) return url;
    if (/^data:,?$/i.test(trimmed)) return url;
    return this.#options.assets?.file(this.#absolute(trimmed)?.href ?? '') ?? this.remote(trimmed);
  }

  /** The symbol that came along for `url`, to be found by `id`. */
  symbol(url: string, id: string): ShapeNode | undefined {
    const { href } = this.#absolute(url.trim()) ?? {};
    if (href === undefined) return undefined;
    const symbol = this.#options.assets?.symbol(href, id);
    if (symbol === undefined && this.#missed.size < MAX_REMEMBERED) this.#missed.add(href);
    return symbol;
  }

  /** It was asked for, and withheld. */
  misses(url: string): boolean {
    return this.#seen.has(url) || this.#missed.has(url);
  }

  /** The absolute form of `url` if its host is allowed; what came along does not count here. */
  remote(url: string): string | undefined {
    const absolute = this.#absolute(url);
    const isOwn = absolute?.host === this.#viewerHost;
    if (absolute !== undefined && !isOwn && isAllowedHost(this.#options.allowHosts, absolute.host))
      // A backslash may stand in a query, and would end a string of CSS too late.
      return absolute.href.replace(/[\\'()]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);
    this.#block(absolute?.href ?? url, isOwn ? undefined : absolute?.host);
    return undefined;
  }

  #block(address: string, host: string | undefined): void {
    if (this.#seen.has(address)) return;
    if (this.#seen.size < MAX_REMEMBERED) this.#seen.add(address);
    this.blockedCount++;
    if (host === undefined) return;
    const count = this.#hosts.get(host);
    if (count !== undefined || this.#hosts.size < MAX_HOSTS)
      this.#hosts.set(host, (count ?? 0) + 1);
  }

  #absolute(url: string): URL | undefined {
    if (!URL.canParse(url, this.pageUrl)) return undefined;
    const parsed = new URL(url, this.pageUrl);
    // Of a name and a password in an address nobody needs to know.
    parsed.username = parsed.password = '';
    return parsed.protocol === 'https:' || parsed.protocol === 'http:' ? parsed : undefined;
  }
}

/** True for the target of a link that can do nothing but lead somewhere. */
export function isHarmlessLink(url: string): boolean {
  // Browsers ignore control characters and space inside a scheme.
  // eslint-disable-next-line no-control-regex
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url.replace(/[\u0000-\u0020]/g, ''))?.[1];
  return scheme === undefined || ['http', 'https', 'mailto', 'tel'].includes(scheme.toLowerCase());
}
