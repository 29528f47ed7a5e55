/**
 * S3 removes old replays by itself, by rules that an operator puts on the bucket. A rule filters by
 * prefix and tag and counts whole days from when an object was written; where several match, the
 * shortest wins. So there is one rule for everything, with the longest time, and one for each
 * shorter time, by a tag that objects get when they are written.
 */

/** `keep-for=720h`. */
export const KEEP_FOR_TAG = 'keep-for';

export interface S3LifecycleOptions {
  /** As configured for the store. */
  prefix?: string;
  /** Milliseconds, of each policy and the default; 0: for ever. */
  keepForMs: readonly number[];
}

type Filter =
  { Prefix: string } | { And: { Prefix: string; Tags: { Key: string; Value: string }[] } };

interface Rule {
  ID: string;
  Status: 'Enabled';
  Filter: Filter;
  Expiration?: { Days: number };
  NoncurrentVersionExpiration?: { NoncurrentDays: number };
}

/** What `aws s3api put-bucket-lifecycle-configuration --lifecycle-configuration file://…` takes. */
export interface S3Lifecycle {
  Rules: Rule[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Rules for everything below `<prefix>/v1/sessions/`; times are rounded up to whole days. In a
 * bucket with versions, what was expired or deleted goes for good a day later: erasure means all
 * versions.
 */
export function s3Lifecycle({ prefix = '', keepForMs }: S3LifecycleOptions): S3Lifecycle {
  const folder = prefix.replace(/^\/+|\/+$/g, '');
  const Prefix = `${folder === '' ? '' : `${folder}/`}v1/sessions/`;
  const longest = longestKeepFor(keepForMs);
  const shorter = [...new Set(keepForMs)].filter((ms) => ms !== longest).sort((a, b) => a - b);
  return {
    Rules: [
      {
        ID: 'session-replay',
        Status: 'Enabled',
        Filter: { Prefix },
        ...(longest === 0 ? {} : { Expiration: { Days: days(longest) } }),
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      },
      ...shorter.map((ms): Rule => {
        const Tags = [{ Key: KEEP_FOR_TAG, Value: keepForTag(ms) }];
        return {
          ID: `session-replay-${KEEP_FOR_TAG}-${keepForTag(ms)}`,
          Status: 'Enabled',
          Filter: { And: { Prefix, Tags } },
          Expiration: { Days: days(ms) },
        };
      }),
    ],
  };
}

/** 0, for ever, is the longest. */
export function longestKeepFor(keepForMs: readonly number[]): number {
  return keepForMs.includes(0) ? 0 : Math.max(...keepForMs);
}

/** Value of the tag: whole hours upwards, or `forever`. */
export function keepForTag(keepForMs: number): string {
  return keepForMs === 0 ? 'forever' : `${Math.ceil(keepForMs / HOUR_MS)}h`;
}

const days = (ms: number): number => Math.ceil(ms / DAY_MS);
