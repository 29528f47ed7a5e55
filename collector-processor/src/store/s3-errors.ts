/** Says what went wrong between us and S3, what to do about it, and whether time can mend it. */
import { StoreError } from './index.js';

/** Where requests go; for messages. */
export interface S3Place {
  bucket: string;
  region: string | undefined;
  endpoint: string | undefined;
}

/**
 * `passing`: goes away by itself. `setup`: bucket, credentials or options are wrong; an operator can
 * mend it. `object`: this very object will never be taken.
 */
type Kind = 'passing' | 'setup' | 'object';

interface Diagnosis {
  kind: Kind;
  advice: string;
}

/** What the SDK's errors have, as far as they have it. */
interface S3Failure {
  name: string;
  message: string;
  /** Of Node: `ECONNREFUSED`; of a service: the same as `name`. */
  code?: string | undefined;
  cause?: unknown;
  $metadata?: { httpStatusCode?: number; requestId?: string } | undefined;
}

const PERMISSIONS =
  'allow s3:ListBucket on the bucket and s3:GetObject, s3:PutObject and s3:DeleteObject on its objects (with several `keep_for` also s3:PutObjectTagging, with a KMS key also kms:GenerateDataKey and kms:Decrypt)';
const WRONG_REGION: Diagnosis = {
  kind: 'setup',
  advice: 'the bucket is in another region; correct `region` (or `endpoint`)',
};
const CLOCK: Diagnosis = {
  kind: 'passing',
  advice: "this machine's clock and the server's differ too much; set it by NTP",
};
const FULL: Diagnosis = {
  kind: 'passing',
  advice: 'the store is full; raise the quota or let objects expire (see print-lifecycle)',
};
const BUSY: Diagnosis = { kind: 'passing', advice: 'the store is overloaded or disturbed' };
const EXPIRED: Diagnosis = {
  kind: 'passing',
  advice: 'the temporary credentials have expired; new ones are fetched with the next attempt',
};
const TOO_LARGE: Diagnosis = {
  kind: 'object',
  advice: 'the store takes no object of this size; lower `max_object_size`',
};

/** By the error code of S3 and the servers that speak it. */
const BY_CODE: Readonly<Record<string, Diagnosis>> = {
  NoSuchBucket: {
    kind: 'setup',
    advice: 'the bucket does not exist; create it, or correct its name, region or endpoint',
  },
  AccessDenied: {
    kind: 'setup',
    advice: `the credentials are wrong or lack a permission: ${PERMISSIONS}`,
  },
  InvalidAccessKeyId: {
    kind: 'setup',
    advice: 'the access key is unknown there; correct AWS_ACCESS_KEY_ID or where it comes from',
  },
  SignatureDoesNotMatch: {
    kind: 'setup',
    advice:
      'the secret key does not belong to the access key; correct AWS_SECRET_ACCESS_KEY (or a proxy on the way changes requests)',
  },
  CredentialsProviderError: {
    kind: 'setup',
    advice:
      'no usable credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or run with an instance, task or web identity role; check `role_arn` if it is set',
  },
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
  RequestTimeTooSkewed: CLOCK,
  RequestExpired: CLOCK,
  RequestInTheFuture: CLOCK,
  PermanentRedirect: WRONG_REGION,
  AuthorizationHeaderMalformed: WRONG_REGION,
  IllegalLocationConstraintException: WRONG_REGION,
  InvalidStorageClass: {
    kind: 'setup',
    advice: 'the store does not know the storage class; correct `storage_class`',
  },
  QuotaExceeded: FULL,
  InsufficientCapacity: FULL,
  EntityTooLarge: TOO_LARGE,
  NotImplemented: {
    kind: 'object',
    advice:
      'the server does not offer this; several `keep_for` need object tags: without them, give all policies the same',
  },
  KeyTooLongError: { kind: 'object', advice: 'the key is too long; shorten the prefix' },
  SlowDown: BUSY,
  InternalError: BUSY,
  ServiceUnavailable: BUSY,
};

const UNTRUSTED: Diagnosis = {
  kind: 'setup',
  advice:
    'its certificate is not trusted here; correct `endpoint`, or name the authority in NODE_EXTRA_CA_CERTS',
};
const UNREACHED: Diagnosis = {
  kind: 'passing',
  advice: 'it cannot be reached; check `endpoint`, DNS and network',
};
const BROKEN: Diagnosis = { kind: 'passing', advice: 'the connection broke' };

/** By the error code of Node's sockets and TLS. */
const BY_NODE_CODE: Readonly<Record<string, Diagnosis>> = {
  ECONNREFUSED: UNREACHED,
  ENOTFOUND: UNREACHED,
  EAI_AGAIN: UNREACHED,
  EHOSTUNREACH: UNREACHED,
  ENETUNREACH: UNREACHED,
  ETIMEDOUT: UNREACHED,
  ECONNRESET: BROKEN,
  EPIPE: BROKEN,
  CERT_HAS_EXPIRED: UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: UNTRUSTED,
};

/**
 * @param what the operation, with its key
 * @param starting whether the store has yet to prove its options. A wrong bucket or secret is final
 *   then; later it is for an operator to mend, while the journal holds the data.
 */
export function s3Error(
  what: string,
  cause: unknown,
  place: S3Place,
  starting: boolean,
): StoreError {
  if (cause instanceof StoreError) return cause;
  const failure = asFailure(cause);
  const { kind, advice } = diagnose(failure);
  const status = failure.$metadata?.httpStatusCode;
  const code = codeOf(failure);
  const said = ['', code, 'UnknownError'].includes(failure.message) ? '' : ` "${failure.message}"`;
  const answer = `${status === undefined ? '' : `${status} `}${code}${said}`;
  const requestId = failure.$metadata?.requestId;
  const details = requestId === undefined ? '' : `; request ${requestId}`;
  return new StoreError(`${what} failed: ${advice} (${answer}; ${where(place)}${details})`, {
    retryable: kind === 'passing' || (kind === 'setup' && !starting),
    needsOperator: kind === 'setup',
    cause,
  });
}

/** One that came before an answer did. */
export function s3Timeout(what: string, timeoutMs: number, place: S3Place): StoreError {
  return new StoreError(
    `${what} failed: no answer within ${timeoutMs} ms; check \`endpoint\` and network, or raise the timeout (${where(place)})`,
    { retryable: true },
  );
}

function where({ bucket, endpoint, region }: S3Place): string {
  return `bucket ${bucket}, ${endpoint === undefined ? `AWS region ${region ?? 'by default chain'}` : `endpoint ${endpoint}`}`;
}

function asFailure(cause: unknown): S3Failure {
  if (cause instanceof Error) return cause;
  return { name: 'Error', message: String(cause) };
}

function diagnose(failure: S3Failure): Diagnosis {
  const known = BY_CODE[failure.name] ?? BY_NODE_CODE[nodeCodeOf(failure) ?? ''];
  if (known !== undefined) return known;
  if (failure.name.startsWith('KMS.')) {
    return { kind: 'setup', advice: 'the KMS key refuses; correct `kms_key_id` or its policy' };
  }
  if (failure.name === 'TimeoutError') return UNREACHED;
  const status = failure.$metadata?.httpStatusCode ?? 0;
  if (status === 413) return TOO_LARGE;
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    return { kind: 'setup', advice: `the store refuses; ${PERMISSIONS}, and check the options` };
  }
  return BUSY;
}

/** A host with several addresses fails with several errors in one. */
function nodeCodeOf({ code, cause }: S3Failure): string | undefined {
  if (code !== undefined) return code;
  return cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
}

function codeOf(failure: S3Failure): string {
  const code = nodeCodeOf(failure);
  return code !== undefined && BY_CODE[failure.name] === undefined ? code : failure.name;
}
