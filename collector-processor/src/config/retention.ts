/** `keep_for`: how long replays are kept, of each policy and by default. */
import type * as z from 'zod';
import { duration } from './scalars.js';

const HOUR_MS = 3_600_000;

/** Milliseconds; 0 is for ever. */
export function keepFor() {
  return duration({ days: true })
    .refine((ms) => ms === 0 || ms >= HOUR_MS, {
      error: 'must be at least 1h, or 0s for ever',
    })
    .meta({ title: 'duration' });
}

/** The policy with a `keep_for` of its own. */
export function withKeepFor<T extends z.ZodRawShape>(policy: z.ZodObject<T, z.core.$strict>) {
  const extended = policy.extend({
    keep_for: keepFor().optional().describe('How long what it kept stays. Default: `keep_for`.'),
  });
  return policy.description === undefined ? extended : extended.describe(policy.description);
}

/** What of a configuration says how long. */
export interface Retention {
  /** Milliseconds, of policies that say nothing; 0: for ever. */
  defaultMs: number;
  /** Undefined: there is no such policy here. */
  of(policy: string): number | undefined;
  /** Of every policy that keeps, and the default. */
  all: readonly number[];
}

export function retentionOf(replay: {
  keep_for: number;
  policies: readonly { name: string; type: string; keep_for?: number | undefined }[];
}): Retention {
  const byPolicy = new Map<string, number>();
  for (const { name, type, keep_for } of replay.policies) {
    if (type !== 'drop' && type !== 'ignore') byPolicy.set(name, keep_for ?? replay.keep_for);
  }
  return {
    defaultMs: replay.keep_for,
    of: (policy) => byPolicy.get(policy),
    all: [...new Set([replay.keep_for, ...byPolicy.values()])],
  };
}
