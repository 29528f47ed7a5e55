/** Blocks in an S3 bucket, or in any store that speaks S3: same keys, same bytes as a directory. */
import type {
  _Object,
  GetObjectCommandOutput,
  PutObjectCommandInput,
  StorageClass,
} from '@aws-sdk/client-s3';
import { createLimit } from '../limit.js';
import { silentLogger, type Logger } from '../telemetry/logger.js';
import { StoreError, type PutOptions, type Store, type StoredObject } from './index.js';
import { checkKey, checkPrefix } from './keys.js';
import { openS3, type S3, type S3StoreOptions } from './s3-client.js';
import { keepForTag, KEEP_FOR_TAG } from './s3-lifecycle.js';
import { s3Error, s3Timeout, type S3Place } from './s3-errors.js';

export type { S3Credentials, S3StoreOptions } from './s3-client.js';

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_CONCURRENCY = 32;
/** What one DeleteObjects request may name. */
const DELETE_AT_ONCE = 1000;

type Range = { start: number; end?: number };

/**
 * Its `start` makes sure that the bucket can be read: a wrong bucket or secret is final there. A
 * server that is away is logged and waited for.
 */
export function createS3Store(options: S3StoreOptions, deps: { logger?: Logger } = {}): Store {
  return new S3Store(options, deps.logger ?? silentLogger);
}

class S3Store implements Store {
  readonly name = 's3';
  readonly hasLifecycle = true;
  readonly #options: S3StoreOptions;
  readonly #logger: Logger;
  readonly #place: S3Place;
  /** Empty, or with a slash at its end. */
  readonly #prefix: string;
  readonly #maxConcurrency: number;
  readonly #limit;
  readonly #running = new Set<AbortController>();
  #open: S3 | undefined;

  constructor(options: S3StoreOptions, logger: Logger) {
    this.#options = options;
    this.#logger = logger;
    const { bucket, region, endpoint } = options;
    this.#place = { bucket, region, endpoint };
    const prefix = (options.prefix ?? '').replace(/^\/+|\/+$/g, '');
    checkPrefix(prefix);
    this.#prefix = prefix === '' ? '' : `${prefix}/`;
    this.#maxConcurrency = options.maxConcurrency ?? DEFAULT_CONCURRENCY;
    this.#limit = createLimit(this.#maxConcurrency);
  }

  async start(): Promise<void> {
    this.#open ??= await openS3(this.#options, this.#maxConcurrency);
    try {
      // A listing, not HeadBucket: only answers with a body say what is wrong.
      await this.#do(
        's3 list',
        (s3, abortSignal) => this.#page(s3, '', 1, undefined, abortSignal),
        {
          starting: true,
        },
      );
      if (this.#options.needsTags === true) await this.#tryTags();
    } catch (error) {
      if (!(error instanceof StoreError) || !error.retryable) {
        await this.stop();
        throw error;
      }
      this.#logger.warn('the store does not answer yet', { error });
    }
  }

  stop(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    for (const running of this.#running) running.abort();
    open?.client.destroy();
    return Promise.resolve();
  }

  async put(key: string, bytes: Uint8Array, { keepForMs }: PutOptions = {}): Promise<void> {
    checkKey(key);
    const { serverSideEncryption, kmsKeyId, storageClass } = this.#options;
    const input: PutObjectCommandInput = {
      ...this.#object(key),
      Body: bytes,
      ContentType: key.endsWith('.json') ? 'application/json' : 'application/octet-stream',
      ...(serverSideEncryption === undefined ? {} : { ServerSideEncryption: serverSideEncryption }),
      ...(kmsKeyId === undefined ? {} : { SSEKMSKeyId: kmsKeyId }),
      ...(storageClass === undefined ? {} : { StorageClass: storageClass as StorageClass }),
      ...(keepForMs === undefined || keepForMs === this.#options.untaggedKeepForMs
        ? {}
        : { Tagging: `${KEEP_FOR_TAG}=${keepForTag(keepForMs)}` }),
    };
    await this.#do(`s3 put of ${key}`, ({ sdk, client }, abortSignal) =>
      client.send(new sdk.PutObjectCommand(input), { abortSignal }),
    );
  }

  /** Rules count from when an object was written, which tagging does not change. */
  async prolong(prefix: string, keepForMs: number): Promise<void> {
    const tagging: Promise<void>[] = [];
    for await (const { key } of this.list(prefix)) tagging.push(this.#tag(key, keepForMs));
    await Promise.all(tagging);
  }

  /** Nothing if there is no such object: it was deleted meanwhile. */
  #tag(key: string, keepForMs: number, starting = false): Promise<void> {
    const Tagging = { TagSet: [{ Key: KEEP_FOR_TAG, Value: keepForTag(keepForMs) }] };
    const tag = async ({ sdk, client }: S3, abortSignal: AbortSignal): Promise<void> => {
      const command = new sdk.PutObjectTaggingCommand({ ...this.#object(key), Tagging });
      try {
        await client.send(command, { abortSignal });
      } catch (error) {
        if (!isCalled(error, 'NoSuchKey')) throw error;
      }
    };
    return this.#do(`s3 tagging of ${key}`, tag, { starting });
  }

  /**
   * Of an object that is not there, as nothing must be written to find out. Some servers take a tag
   * with an object and forget it, so that it would be removed by the rule of another time.
   */
  #tryTags(): Promise<void> {
    return this.#tag('v1/tags', 0, true);
  }

  async get(key: string, range?: Range): Promise<Uint8Array | undefined> {
    checkKey(key);
    return this.#do(`s3 get of ${key}`, async ({ sdk, client }, abortSignal) => {
      const input = { ...this.#object(key), ...rangeHeader(range) };
      try {
        const answer = await client.send(new sdk.GetObjectCommand(input), { abortSignal });
        const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array(0);
        return cut(bytes, firstByte(answer), range?.end);
      } catch (error) {
        if (isCalled(error, 'NoSuchKey')) return undefined;
        if (isCalled(error, 'InvalidRange')) return new Uint8Array(0); // it starts behind the end
        throw error;
      }
    });
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    checkPrefix(prefix);
    let token: string | undefined;
    do {
      const page = await this.#do(`s3 list of ${prefix}`, (s3, abortSignal) =>
        this.#page(s3, prefix, undefined, token, abortSignal),
      );
      for (const object of page.Contents ?? []) {
        const stored = this.#stored(object);
        if (stored !== undefined) yield stored;
      }
      token = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (token !== undefined);
  }

  async delete(keys: readonly string[]): Promise<void> {
    keys.forEach(checkKey);
    for (let i = 0; i < keys.length; i += DELETE_AT_ONCE) {
      await this.#deleteSome(keys.slice(i, i + DELETE_AT_ONCE));
    }
  }

  async #deleteSome(keys: readonly string[]): Promise<void> {
    await this.#do(`s3 delete of ${keys[0]}`, async ({ sdk, client }, abortSignal) => {
      const Objects = keys.map((key) => ({ Key: this.#prefix + key }));
      const command = new sdk.DeleteObjectsCommand({
        Bucket: this.#options.bucket,
        Delete: { Objects, Quiet: true },
      });
      const { Errors = [] } = await client.send(command, { abortSignal });
      const first = Errors.find(({ Code }) => Code !== 'NoSuchKey');
      if (first === undefined) return;
      const error = new Error(`${first.Key}: ${first.Message ?? ''} (${Errors.length} in all)`);
      error.name = first.Code ?? 'InternalError';
      throw error;
    });
  }

  #page(
    { sdk, client }: S3,
    prefix: string,
    maxKeys: number | undefined,
    token: string | undefined,
    abortSignal: AbortSignal,
  ) {
    const command = new sdk.ListObjectsV2Command({
      Bucket: this.#options.bucket,
      Prefix: this.#prefix + prefix,
      ...(maxKeys === undefined ? {} : { MaxKeys: maxKeys }),
      ...(token === undefined ? {} : { ContinuationToken: token }),
    });
    return client.send(command, { abortSignal });
  }

  /** Undefined: made by others, such as the empty "folder" objects of some tools. */
  #stored({ Key = '', Size = 0 }: _Object): StoredObject | undefined {
    const key = Key.slice(this.#prefix.length);
    return key === '' || key.endsWith('/') ? undefined : { key, size: Size };
  }

  #object(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.#options.bucket, Key: this.#prefix + key };
  }

  /** In turn, within the time, until the store stops. Throws {@link StoreError} only. */
  #do<T>(
    what: string,
    work: (s3: S3, abortSignal: AbortSignal) => Promise<T>,
    { starting = false } = {},
  ): Promise<T> {
    return this.#limit(async () => {
      const open = this.#open;
      if (open === undefined) throw stopped(what);
      const timeoutMs = this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
      const controller = new AbortController();
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        controller.abort();
      }, timeoutMs);
      this.#running.add(controller);
      try {
        return await work(open, controller.signal);
      } catch (error) {
        if (late) throw s3Timeout(what, timeoutMs, this.#place);
        if (controller.signal.aborted) throw stopped(what);
        throw s3Error(what, error, this.#place, starting);
      } finally {
        clearTimeout(timer);
        this.#running.delete(controller);
      }
    });
  }
}

/** Retryable: what waits for the store stays in the journal for the next start. */
function stopped(what: string): StoreError {
  return new StoreError(`${what} failed: the store is stopped`, { retryable: true });
}

function isCalled(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

function rangeHeader(range: Range | undefined): { Range?: string } {
  if (range === undefined) return {};
  const { start, end } = range;
  if (start < 0) return { Range: `bytes=${start}` };
  if (end === undefined) return start === 0 ? {} : { Range: `bytes=${start}-` };
  // An empty range has no form in HTTP: one byte is fetched and cut off.
  return { Range: `bytes=${start}-${Math.max(start, end - 1)}` };
}

/** Where the bytes of an answer lie in the object. */
function firstByte({ ContentRange }: GetObjectCommandOutput): number {
  return Number(/^bytes (\d+)-/.exec(ContentRange ?? '')?.[1] ?? 0);
}

function cut(bytes: Uint8Array, first: number, end: number | undefined): Uint8Array {
  return end === undefined ? bytes : bytes.subarray(0, Math.max(0, end - first));
}
