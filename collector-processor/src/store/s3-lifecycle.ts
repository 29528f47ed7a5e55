/** S3 removes old replays by itself, by rules that an operator puts on the bucket. */

export interface S3LifecycleOptions {
  /** As configured for the store. */
  prefix?: string;
  /** How long a replay is kept; rounded up to whole days, which is what S3 counts in. */
  keepForMs: number;
}

/** What `aws s3api put-bucket-lifecycle-configuration --lifecycle-configuration file://…` takes. */
export interface S3Lifecycle {
  Rules: {
    ID: string;
    Status: 'Enabled';
    Filter: { Prefix: string };
    Expiration: { Days: number };
    NoncurrentVersionExpiration: { NoncurrentDays: number };
  }[];
}

const DAY_MS = 86_400_000;

/**
 * Expires everything below `<prefix>/v1/sessions/`. In a bucket with versions, what was expired or
 * deleted goes for good a day later: erasure means all versions.
 */
export function s3Lifecycle({ prefix = '', keepForMs }: S3LifecycleOptions): S3Lifecycle {
  if (!(keepForMs > 0)) throw new RangeError(`keepForMs must be positive, not ${keepForMs}`);
  const folder = prefix.replace(/^\/+|\/+$/g, '');
  return {
    Rules: [
      {
        ID: 'session-replay-keep-for',
        Status: 'Enabled',
        Filter: { Prefix: `${folder === '' ? '' : `${folder}/`}v1/sessions/` },
        Expiration: { Days: Math.ceil(keepForMs / DAY_MS) },
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      },
    ],
  };
}
