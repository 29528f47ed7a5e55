/** Makes the SDK's client. The SDK is loaded here, when a store starts: it costs 0.2 s and 20 MB. */
import type * as Sdk from '@aws-sdk/client-s3';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';

export interface S3Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  /** Of temporary credentials. */
  sessionToken?: string;
}

/** The settings of the Collector's `awss3` exporter, as far as they make sense here. */
export interface S3StoreOptions {
  bucket: string;
  /** Default: by the AWS default chain (`AWS_REGION`, profile); `us-east-1` beside an `endpoint`. */
  region?: string;
  /** Put in front of every key; slashes around it do not matter. Default: none. */
  prefix?: string;
  /** URL of an S3-compatible server. Default: AWS. */
  endpoint?: string;
  /** `<endpoint>/<bucket>/<key>` instead of `<bucket>.<endpoint>/<key>`; default false. */
  forcePathStyle?: boolean;
  /** Assumed by STS AssumeRole with the credentials found. */
  roleArn?: string;
  /** Default: the AWS default chain (environment, profile, SSO, web identity, task, instance). */
  credentials?: S3Credentials;
  /** Default: as the bucket is set up. */
  serverSideEncryption?: 'AES256' | 'aws:kms' | 'aws:kms:dsse';
  /** Of `aws:kms`; default: the account's S3 key. */
  kmsKeyId?: string;
  /** Default: `STANDARD`. S3-compatible servers know others than AWS. */
  storageClass?: string;
  /**
   * Objects that are kept so long carry no tag, because the bucket's rule for everything is theirs
   * (see {@link s3Lifecycle}); 0: for ever. Default: all carry one.
   */
  untaggedKeepForMs?: number;
  /** There are several times: a server without object tags is refused. Default: false. */
  needsTags?: boolean;
  /** Of one operation with its quick repeats; default 30 s. */
  timeoutMs?: number;
  /** Requests at the same time; default 32. */
  maxConcurrency?: number;
}

/** What a passing disturbance gets at once; the pipeline repeats slowly after that. */
const ATTEMPTS = 3;
const CONNECT_TIMEOUT_MS = 5_000;
/** What S3-compatible servers sign with when nobody says. */
const ANY_REGION = 'us-east-1';

export interface S3 {
  sdk: typeof Sdk;
  client: S3Client;
}

export async function openS3(options: S3StoreOptions, maxSockets: number): Promise<S3> {
  const sdk = await import('@aws-sdk/client-s3');
  const credentials = await credentialsOf(options);
  const region = options.region ?? (options.endpoint === undefined ? undefined : ANY_REGION);
  const config: S3ClientConfig = {
    forcePathStyle: options.forcePathStyle ?? false,
    maxAttempts: ATTEMPTS,
    // TLS and the signed hash guard the way, CRC-32C in each block guards the content; older
    // S3-compatible servers refuse the newer checksums.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      httpAgent: { maxSockets },
      httpsAgent: { maxSockets },
    },
    ...(region === undefined ? {} : { region }),
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(credentials === undefined ? {} : { credentials }),
  };
  return { sdk, client: new sdk.S3Client(config) };
}

async function credentialsOf(options: S3StoreOptions): Promise<S3ClientConfig['credentials']> {
  const { credentials, roleArn, region } = options;
  if (roleArn === undefined) return credentials;
  const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  return fromTemporaryCredentials({
    params: { RoleArn: roleArn, RoleSessionName: 'session-replay-processor' },
    ...(credentials === undefined ? {} : { masterCredentials: credentials }),
    ...(region === undefined ? {} : { clientConfig: { region } }),
  });
}
