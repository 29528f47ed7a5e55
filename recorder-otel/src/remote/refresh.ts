/** Asks the processor how to behave. Whatever goes wrong, recording goes on as it was. */
import { RECORDER_CONFIG_PATH, type RecorderConfig } from '@otel-replay/protocol/recorder-config';
import { CONFIG_KEY, readCachedConfig } from '../shared.js';
import type { CachedConfig } from './cached.js';

const TIMEOUT_MS = 10_000;
const DEFAULT_MAX_AGE_MS = 300_000;
const DAY_MS = 24 * 3_600_000;

/**
 * The configuration in force: from the cache while it is fresh, else asked for.
 * @param url the traces URL of the processor, or the whole address of the configuration
 * @param service `service.name` of the page, if it is known
 * @param fetch one that leaves no spans
 * @throws TypeError when the answer is none; what was known stays in force then
 */
export async function refreshConfig(
  url: string,
  service: unknown,
  fetch: typeof globalThis.fetch,
): Promise<RecorderConfig> {
  const cached = readCachedConfig();
  if (cached && Date.now() - cached.fetchedAt < cached.maxAgeMs) return cached.config;
  const address = configUrl(url);
  if (typeof service === 'string') address.searchParams.set('service', service);
  const response = await fetch(address.href, {
    credentials: 'omit',
    // The browser's own cache would add its time to ours.
    cache: 'no-store',
    signal: AbortSignal.timeout(TIMEOUT_MS),
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
