import type { ReplayStoreConfig, Retention } from './config/index.js';
import { createFilesystemStore } from './store/filesystem.js';
import type { Store } from './store/index.js';
import { longestKeepFor } from './store/s3-lifecycle.js';
import { createS3Store } from './store/s3.js';
import type { Logger } from './telemetry/logger.js';

/** The store that is configured. */
export function createStore(
  { filesystem, s3uploader: s3 }: ReplayStoreConfig,
  retention: Retention,
  deps: { logger: Logger },
): Store {
  if (s3 === undefined) return createFilesystemStore(filesystem);
  return createS3Store(
    {
      ...{ bucket: s3.s3_bucket, prefix: s3.s3_prefix },
      untaggedKeepForMs: longestKeepFor(retention.all),
      needsTags: new Set(retention.all).size > 1,
      ...{ forcePathStyle: s3.s3_force_path_style, timeoutMs: s3.timeout },
      ...(s3.region === undefined ? {} : { region: s3.region }),
      ...(s3.endpoint === undefined ? {} : { endpoint: s3.endpoint }),
      ...(s3.role_arn === undefined ? {} : { roleArn: s3.role_arn }),
      ...(s3.storage_class === undefined ? {} : { storageClass: s3.storage_class }),
      ...(s3.server_side_encryption === undefined
        ? {}
        : { serverSideEncryption: s3.server_side_encryption }),
      ...(s3.kms_key_id === undefined ? {} : { kmsKeyId: s3.kms_key_id }),
    },
    deps,
  );
}

/** For people: a directory, or an `s3://` URL. */
export function storePlace({ filesystem, s3uploader: s3 }: ReplayStoreConfig): string {
  if (s3 === undefined) return filesystem.directory;
  const folder = s3.s3_prefix.replace(/^\/+|\/+$/g, '');
  return `s3://${s3.s3_bucket}${folder === '' ? '' : `/${folder}`}`;
}
