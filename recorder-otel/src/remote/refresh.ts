/** Asks the processor how to behave. Whatever goes wrong, recording goes on as it was. */
import { RECORDER_CONFIG_PATH, type RecorderConfig } from '@otel-replay/protocol';
import { CONFIG_KEY, readCachedConfig, type CachedConfig } from './cached.js';

export interface RefreshOptions {
  /** The traces URL of the processor, or the whole address of the configuration. */
  url: string;
  service: string | undefined;
  /** As the browser made it, untraced. */
  fetch: typeof fetch;
  timeoutMs: number;
}

const DEFAULT_MAX_AGE_MS = 300_000;
const DAY_MS = 24 * 3_600_000;

/**
 * The configuration in force: from the cache while it is fresh, else asked for.
 * @throws TypeError when the answer is none; the cached one stays in force then
 */
export async function refreshConfig(options: RefreshOptions): Promise<RecorderConfig | undefined> {
  const cached = readCachedConfig();
  if (cached && Date.now() - cached.fetchedAt < cached.maxAgeMs) return cached.config;
  const address = configUrl(options.url);
  if (options.service !== undefined) address.searchParams.set('service', options.service);
  const response = await options.fetch.call(globalThis, address.href, {
    credentials: 'omit',
    signal: AbortSignal.timeout(options.timeoutMs),
  });
  if (!response.ok) throw new TypeError(`${address.href} answered ${response.status}`);
  const config = checkConfig(await response.json());
  const seconds = Number(/max-age=(\d+)/.exec(response.headers.get('Cache-Control') ?? '')?.[1]);
  const maxAgeMs = Math.min(seconds * 1000 || DEFAULT_MAX_AGE_MS, DAY_MS);
  store({ config, fetchedAt: Date.now(), maxAgeMs });
  return config;
}

/** `https://otel.example.com/v1/traces` becomes its sibling; other paths are taken as they are. */
export function configUrl(url: string): URL {
  const address = new URL(url, globalThis.location?.href);
  address.pathname = address.pathname.replace(/\/v1\/traces\/?$/, RECORDER_CONFIG_PATH);
  return address;
}

/** @throws TypeError naming the field that is wrong */
export function checkConfig(answer: unknown): RecorderConfig {
  const { enabled, ...shares } = (answer ?? {}) as Record<string, unknown>;
  if (typeof enabled !== 'boolean') throw new TypeError('enabled must be true or false');
  const config: RecorderConfig = { enabled };
  for (const name of ['sessionSampleRate', 'errorSampleRate', 'canaryShare'] as const) {
    const share = shares[name];
    if (share === undefined) continue;
    if (typeof share !== 'number' || !(share >= 0 && share <= 1)) {
      throw new TypeError(`${name} must be a number from 0 to 1`);
    }
    config[name] = share;
  }
  return config;
}

function store(cached: CachedConfig): void {
  try {
    localStorage.setItem(CONFIG_KEY, JSON.stringify(cached));
  } catch {
    // Then every page asks.
  }
}
