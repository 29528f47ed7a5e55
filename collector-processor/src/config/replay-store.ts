/** Where replays are kept. The keys of `s3uploader` are those of the Collector's awss3 exporter. */
import * as z from 'zod';
import { duration, httpUrl, size } from './scalars.js';
import { sharedIndexSchema } from './shared-index.js';

const PREFIX = /^\/*(?:[^./\\][^/\\]*(?:\/[^./\\][^/\\]*)*\/*)?$/;

const s3UploaderSchema = z.strictObject({
  region: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Region of the bucket. Without it by `AWS_REGION` or the profile; beside an `endpoint`, `us-east-1`.',
    ),
  s3_bucket: z.string().min(1, 'must name a bucket').describe('An existing bucket.'),
  s3_prefix: z
    .string()
    .regex(PREFIX, 'has a part that is empty, starts with a dot or holds a backslash')
    .prefault('')
    .describe('Put in front of every key, as a folder.'),
  endpoint: httpUrl().optional().describe('Of an S3-compatible server. Without it, AWS.'),
  s3_force_path_style: z
    .boolean()
    .prefault(false)
    .describe(
      'The bucket in the path instead of the host name; most S3-compatible servers need it.',
    ),
  role_arn: z
    .string()
    .regex(/^arn:/, 'must be the ARN of a role, such as arn:aws:iam::123456789012:role/replay')
    .optional()
    .describe('Role to assume with the credentials of the AWS default chain.'),
  storage_class: z
    .string()
    .min(1)
    .optional()
    .describe('Such as `STANDARD_IA`. Without it, `STANDARD`.'),
  server_side_encryption: z
    .enum(['AES256', 'aws:kms', 'aws:kms:dsse'])
    .optional()
    .describe('Without it, as the bucket is set up.'),
  kms_key_id: z
    .string()
    .min(1)
    .optional()
    .describe('Key of `aws:kms`. Without it, the account’s key for S3.'),
  timeout: duration({ minMs: 100 })
    .prefault('30s')
    .describe('Of one request with its quick repeats; afterwards it is tried again, ever slower.'),
});

export const replayStoreSchema = z.strictObject({
  filesystem: z
    .strictObject({
      directory: z
        .string()
        .min(1, 'must name a directory')
        .prefault('./session-replay-data/store')
        .describe('Where blocks lie; created if missing.'),
    })
    .prefault({})
    .describe('Keep replays in a directory, unless there is `s3uploader`.'),
  s3uploader: s3UploaderSchema
    .optional()
    .describe('Keep replays in S3. Credentials come by the AWS default chain.'),
  flush_interval: duration({ minMs: 1000 })
    .prefault('60s')
    .describe('One block per recording and interval, cut at a checkpoint where possible.'),
  max_object_size: size({ minBytes: 64 * 1024, maxBytes: 64 * 1024 * 1024 })
    .prefault('4MiB')
    .describe('A block that reaches it is written at once.'),
  index: sharedIndexSchema
    .prefault({})
    .describe('By what replays are found; it can always be rebuilt from the store.'),
});

export type ReplayStoreConfig = z.output<typeof replayStoreSchema>;
