/** Which sessions are recorded, and how: by their id alone, so that all pages and tabs agree. */
import type { RecorderConfig } from '@otel-replay/protocol';
import { CANARY_SALT, sessionHash } from '@otel-replay/protocol/recording';
import type { ModeOptions } from './options.js';

export interface Sampling {
  /** `off`: nothing is recorded. */
  mode: 'stream' | 'buffer' | 'off';
  /** Share of all sessions that are recorded in this mode, 0 to 1. */
  rate: number;
}

/**
 * A session lies at one place in [0, 1). Below `sessionSampleRate` it is streamed, exactly as the
 * processor's `probabilistic` policy decides without a salt. What lies above is stretched to [0, 1)
 * again for `errorSampleRate`, so that both rates are independent and a higher rate only ever adds.
 */
export function sample(
  sessionId: string,
  options: ModeOptions & Pick<RecorderConfig, 'canaryShare'>,
): Sampling {
  const canary = share(options.canaryShare);
  const streamed = share(options.sessionSampleRate);
  const buffered = share(options.errorSampleRate);
  if (sessionHash(sessionId, CANARY_SALT) >= canary) return { mode: 'off', rate: 0 };
  const at = sessionHash(sessionId);
  if (at < streamed) return { mode: 'stream', rate: streamed * canary };
  const isBuffered = (at - streamed) / (1 - streamed) < buffered;
  return { mode: isBuffered ? 'buffer' : 'off', rate: (1 - streamed) * buffered * canary };
}

/** Of what is no rate the nearest that is one; of what is no number all. */
function share(rate = 1): number {
  return rate >= 0 ? Math.min(rate, 1) : rate < 0 ? 0 : 1;
}
