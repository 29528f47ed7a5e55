/**
 * Where blocks and summaries live: a directory or an S3 bucket, same keys, same bytes. Every
 * implementation passes the contract suite beside this file.
 */
export interface StoredObject {
  key: string;
  /** Bytes. */
  size: number;
}

export interface PutOptions {
  /** How long it is to be kept, for stores that remove by themselves; 0: for ever. */
  keepForMs?: number | undefined;
}

export interface Store {
  /** For logs and metrics: `filesystem` or `s3`. */
  readonly name: string;
  /** Removes by itself what was kept long enough, by rules its operator set; others are swept. */
  readonly hasLifecycle: boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Whole or not at all; writing a key again replaces it. Throws {@link StoreError}. */
  put(key: string, bytes: Uint8Array, options?: PutOptions): Promise<void>;
  /** From now on everything whose key starts with `prefix` is kept so long. Idempotent. */
  prolong(prefix: string, keepForMs: number): Promise<void>;
  /** `range` in bytes, end exclusive; a negative start counts from the end. Undefined: no such key. */
  get(key: string, range?: { start: number; end?: number }): Promise<Uint8Array | undefined>;
  /** All objects whose key starts with `prefix`, in key order. */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Idempotent. */
  delete(keys: readonly string[]): Promise<void>;
}

/** A store operation that failed; `retryable` says whether trying again can help. */
export class StoreError extends Error {
  readonly retryable: boolean;
  /** Trying again helps once bucket, credentials or options are mended. */
  readonly needsOperator: boolean;

  constructor(
    message: string,
    options: { retryable: boolean; needsOperator?: boolean; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.name = 'StoreError';
    this.retryable = options.retryable;
    this.needsOperator = options.needsOperator ?? false;
  }
}
