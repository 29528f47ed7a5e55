/** Goes by what the processor says, and asks it again. */
import { context } from '@opentelemetry/api';
import type { RecorderConfig } from '@otel-replay/protocol';
import type { Guard } from '../guard.js';
import { whenIdle } from '../idle.js';
import { forgetConfig, readCachedConfig } from './cached.js';
import type { RemoteOptions } from './options.js';

/** Long enough for what the page shows first. */
const LATEST_MS = 5000;

/** What the processor said last goes before the page's own options. */
export function withCachedConfig<T extends RemoteOptions>(options: T): T & Partial<RecorderConfig> {
  return options.remoteConfig ? { ...options, ...readCachedConfig()?.config } : options;
}

/** Asks the processor anew when the page has a moment; `onStop` when it says not to record. */
export function followConfig(
  { remoteConfig }: RemoteOptions,
  about: {
    url: string;
    service: () => unknown;
    guard: Guard;
    /** Not without consent. */
    mayAsk: () => boolean;
    onStop: () => void;
  },
): void {
  if (!remoteConfig) return;
  const { guard, mayAsk, onStop } = about;
  const ask = async (): Promise<void> => {
    const [{ refreshConfig }, { untracedFetch }] = await Promise.all([
      import('./refresh.js'),
      import('../engine.js'),
    ]);
    if (!mayAsk()) return;
    const url = typeof remoteConfig === 'string' ? remoteConfig : about.url;
    const { enabled } = await refreshConfig(url, about.service(), untracedFetch(context));
    if (!mayAsk()) forgetConfig();
    else if (!enabled) onStop();
  };
  whenIdle(() => {
    ask().catch((error: unknown) => guard.report(error, 'remoteConfig'));
  }, LATEST_MS);
}
