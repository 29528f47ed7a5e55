/** Who may call the API, and from which pages. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ApiError } from './problem.js';

export interface AccessOptions {
  /** Undefined: only for an API that listens on loopback. */
  bearerToken: string | undefined;
  /** Origins of other pages that may call; `*` stands for any part. */
  allowedOrigins: readonly string[];
}

export class Access {
  readonly #digest: Buffer | undefined;
  readonly #tokenName: string;
  readonly #origins: readonly RegExp[];

  constructor(options: AccessOptions) {
    this.#digest = options.bearerToken === undefined ? undefined : sha256(options.bearerToken);
    this.#tokenName = `token:${this.#digest?.toString('hex').slice(0, 8) ?? ''}`;
    this.#origins = options.allowedOrigins.map(originPattern);
  }

  /**
   * Who calls, for the audit log. Without a token the caller is on this machine, but a page in its
   * browser might not be: the Host header gives away a rebound DNS name.
   * Throws {@link ApiError} 401 or 403.
   */
  authorize(request: IncomingMessage): string {
    if (this.#digest === undefined) {
      this.#checkHost(request.headers.host);
      return 'loopback';
    }
    const token = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    // Digests have one length, so that comparing them tells nothing about the token's.
    if (token !== undefined && timingSafeEqual(sha256(token), this.#digest)) return this.#tokenName;
    throw new ApiError(
      401,
      token === undefined
        ? 'Send the token of extensions.replay_api.auth.bearer_token as "Authorization: Bearer <token>".'
        : 'The bearer token is not the one of extensions.replay_api.auth.bearer_token.',
      { headers: { 'WWW-Authenticate': 'Bearer realm="session replay"' } },
    );
  }

  #checkHost(host: string | undefined): void {
    const name = (host ?? '').replace(/:\d+$/, '').toLowerCase();
    if (name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name)) return;
    throw new ApiError(
      403,
      `The Host "${name}" is not localhost, and no token is set. Call http://localhost, or set extensions.replay_api.auth.bearer_token.`,
    );
  }

  /** True for an `Origin` of `cors.allowed_origins`. */
  allowsOrigin(origin: string): boolean {
    return this.#origins.some((pattern) => pattern.test(origin));
  }

  /** A page elsewhere must not change anything. Throws {@link ApiError} 403. */
  checkOrigin(request: IncomingMessage): void {
    const { origin, host } = request.headers;
    if (origin === undefined || this.allowsOrigin(origin)) return;
    if (URL.canParse(origin) && new URL(origin).host === host) return;
    throw new ApiError(
      403,
      `Pages of "${origin}" may not do this; add it to extensions.replay_api.cors.allowed_origins.`,
    );
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

function originPattern(origin: string): RegExp {
  const parts = origin.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]*')}$`, 'i');
}
