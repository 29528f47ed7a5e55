/** The S3 store against a real S3 server. */
import {
  CreateBucketCommand,
  GetBucketLifecycleConfigurationCommand,
  HeadObjectCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { storeContract } from '../src/store/contract.js';
import type { Store } from '../src/store/index.js';
import { s3Lifecycle } from '../src/store/s3-lifecycle.js';
import { createS3Store, type S3StoreOptions } from '../src/store/s3.js';
import { describeWithS3, startS3Server, type S3Server } from './s3-server/s3-server.js';
import { keepsSessions } from './s3-sessions.js';

const BUCKET = 'replays';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describeWithS3('S3', () => {
  let server: S3Server;
  /** For what a store must not do, such as making buckets. */
  let client: S3Client;
  let count = 0;
  const started: Store[] = [];

  const settings = (more: Partial<S3StoreOptions> = {}): S3StoreOptions => ({
    bucket: BUCKET,
    endpoint: server.endpoint,
    forcePathStyle: true,
    credentials: server.credentials,
    prefix: `test-${count++}`,
    ...more,
  });
  const make = (more?: Partial<S3StoreOptions>): Store => {
    const store = createS3Store(settings(more));
    started.push(store);
    return store;
  };
  const open = async (more?: Partial<S3StoreOptions>): Promise<Store> => {
    const store = make(more);
    await store.start();
    return store;
  };

  beforeAll(async () => {
    server = await startS3Server();
    client = new S3Client({
      endpoint: server.endpoint,
      forcePathStyle: true,
      region: 'us-east-1',
      credentials: server.credentials,
    });
    await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  });
  afterEach(async () => {
    for (const store of started.splice(0)) await store.stop();
  });
  afterAll(async () => {
    client?.destroy();
    await server?.stop();
  });

  storeContract('s3', () => make());

  it('writes below its prefix only, and names it in no key', async () => {
    const store = await open({ prefix: '/a/b/' });
    await store.put('v1/k', bytes('x'));
    const neighbour = await open({ prefix: 'a/b2' });
    await neighbour.put('v1/other', bytes('y'));
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a/b/', Body: bytes('') })); // a "folder"
    expect(await keys(store, '')).toEqual(['v1/k']);
    const whole = await open({ prefix: '' });
    expect(await keys(whole, 'a/')).toEqual(['a/b/v1/k', 'a/b2/v1/other']);
    const head = new HeadObjectCommand({ Bucket: BUCKET, Key: 'a/b/v1/k' });
    expect(await client.send(head)).toMatchObject({ ContentLength: 1 });
  });

  it('takes 1200 objects at once, lists them in order and deletes them', async () => {
    const store = await open();
    const all = Array.from({ length: 1200 }, (_, i) => `v1/${String(i).padStart(4, '0')}`);
    await Promise.all(all.map((key) => store.put(key, bytes(key))));
    expect(await keys(store, 'v1/')).toEqual(all);
    await store.delete([...all, 'v1/none']);
    expect(await keys(store, 'v1/')).toEqual([]);
  });

  it('refuses to start with what an operator must mend, and says what', async () => {
    const wrong = { ...server.credentials, secretAccessKey: 'wrong' };
    const unknown = { ...wrong, accessKeyId: 'UNKNOWN' };
    const cases: [Partial<S3StoreOptions>, RegExp][] = [
      [{ credentials: wrong }, /AWS_SECRET_ACCESS_KEY.*SignatureDoesNotMatch.*bucket replays/],
      [{ credentials: unknown }, /AWS_ACCESS_KEY_ID.*InvalidAccessKeyId/],
      [{ credentials: server.stranger }, /s3:PutObject.*AccessDenied/],
      [{ bucket: 'missing' }, /does not exist.*NoSuchBucket.*bucket missing, endpoint http:/],
    ];
    for (const [options, message] of cases) {
      const error: unknown = await open(options).catch((e: unknown) => e);
      expect(error).toMatchObject({ name: 'StoreError', retryable: false });
      expect((error as Error).message).toMatch(message);
    }
  });

  it('takes a mistake made later for one that can be mended', async () => {
    const credentials = { ...server.credentials };
    const store = await open({ credentials });
    await store.put('v1/k', bytes('x'));
    credentials.secretAccessKey = 'rotated';
    await expect(store.put('v1/k', bytes('y'))).rejects.toMatchObject({ retryable: true });
    credentials.secretAccessKey = server.credentials.secretAccessKey;
    await store.put('v1/k', bytes('z'));
  });

  // Before the first crash: a new gateway waits 30 s for the dead one to see changes of buckets.
  it('has lifecycle rules that a server takes', async () => {
    const day = 86_400_000;
    const rules = s3Lifecycle({ prefix: 'web', keepForMs: [90 * day, 30 * day] });
    await client.send(
      new PutBucketLifecycleConfigurationCommand({ Bucket: BUCKET, LifecycleConfiguration: rules }),
    );
    const command = new GetBucketLifecycleConfigurationCommand({ Bucket: BUCKET });
    const { Rules = [] } = await client.send(command);
    const Prefix = 'web/v1/sessions/';
    const Tag = { Key: 'keep-for', Value: '720h' };
    const byDays = Rules.sort((a, b) => b.Expiration!.Days! - a.Expiration!.Days!);
    expect(byDays).toMatchObject([
      { Status: 'Enabled', Filter: { Prefix }, Expiration: { Days: 90 } },
      // Ceph says it without the `And` that AWS wants.
      { Status: 'Enabled', Filter: { Prefix, Tag }, Expiration: { Days: 30 } },
    ]);
  });

  keepsSessions(() => ({ server, options: settings() }));

  it('waits for a server that is away, and goes on when it is back', async () => {
    const store = await open();
    await store.put('v1/before', bytes('x'));
    await server.killGateway();
    const operations = [
      store.put('v1/during', bytes('x')),
      store.get('v1/before'),
      keys(store, ''),
      store.delete(['v1/before']),
    ];
    for (const result of await Promise.allSettled(operations)) {
      expect(result).toMatchObject({ reason: { name: 'StoreError', retryable: true } });
      expect((result as PromiseRejectedResult).reason).toHaveProperty(
        'message',
        expect.stringMatching(/cannot be reached.*ECONNREFUSED.*endpoint http:/),
      );
    }
    const late = await open({ prefix: 'late' }); // starts without it
    await server.startGateway();
    expect(await keys(store, '')).toEqual(['v1/before']);
    await store.put('v1/during', bytes('x'));
    await late.put('v1/k', bytes('x'));
  });

  it('gives up what takes too long, and everything when it stops', async () => {
    const slow = await open();
    await slow.stop();
    await expect(slow.put('v1/k', bytes('x'))).rejects.toThrow(/the store is stopped/);
    await slow.start();
    const large = new Uint8Array(8 * 1024 * 1024);
    const puts = Array.from({ length: 40 }, (_, i) => slow.put(`v1/${i}`, large));
    const ended = Promise.allSettled(puts);
    await slow.stop();
    const reasons = (await ended).filter((result) => result.status === 'rejected');
    expect(reasons.length).toBeGreaterThan(0);
    for (const { reason } of reasons) {
      expect(reason).toMatchObject({ name: 'StoreError', retryable: true });
    }
    const hasty = make({ timeoutMs: 1 });
    await hasty.start();
    await expect(hasty.put('v1/k', large)).rejects.toMatchObject({
      retryable: true,
      message: expect.stringMatching(/no answer within 1 ms/) as string,
    });
  });

  it('encrypts and classifies as it is told', async () => {
    const store = await open({ prefix: 'sse', storageClass: 'STANDARD' });
    await store.put('v1/session.json', bytes('{}'));
    const head = new HeadObjectCommand({ Bucket: BUCKET, Key: 'sse/v1/session.json' });
    expect(await client.send(head)).toMatchObject({ ContentType: 'application/json' });
    const kms = await open({ serverSideEncryption: 'aws:kms', kmsKeyId: 'none' });
    await expect(kms.put('v1/k', bytes('x'))).rejects.toMatchObject({ retryable: true });
  });

  it('assumes a role', async () => {
    await server.killGateway();
    await server.startGateway({ tokenService: true });
    process.env['AWS_ENDPOINT_URL_STS'] = server.endpoint;
    try {
      const store = await open({ roleArn: server.roleArn, region: 'us-east-1' });
      await store.put('v1/k', bytes('x'));
      expect(await keys(store, '')).toEqual(['v1/k']);
      const options = { roleArn: `${server.roleArn}-of-nobody`, region: 'us-east-1' };
      await expect(open(options)).rejects.toMatchObject({ name: 'StoreError', retryable: false });
    } finally {
      delete process.env['AWS_ENDPOINT_URL_STS'];
    }
  });
});

async function keys(store: Store, prefix: string): Promise<string[]> {
  const out: string[] = [];
  for await (const { key } of store.list(prefix)) out.push(key);
  return out;
}
