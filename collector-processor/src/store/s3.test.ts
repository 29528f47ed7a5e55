/** What needs no S3 server; test/s3.test.ts runs the store against a real one. */
import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { StoreError } from './index.js';
import { s3Error } from './s3-errors.js';
import { s3Lifecycle } from './s3-lifecycle.js';
import { createS3Store } from './s3.js';

const PLACE = { bucket: 'replays', endpoint: 'http://s3.test', region: undefined };

describe('s3 errors', () => {
  /** Running, starting. */
  const cases: [name: string, status: number, retryable: [boolean, boolean], advice: RegExp][] = [
    ['NoSuchBucket', 404, [true, false], /does not exist; create it/],
    ['AccessDenied', 403, [true, false], /s3:PutObject/],
    ['SignatureDoesNotMatch', 403, [true, false], /AWS_SECRET_ACCESS_KEY/],
    ['CredentialsProviderError', 0, [true, false], /AWS_PROFILE/],
    ['PermanentRedirect', 301, [true, false], /correct `region`/],
    ['KMS.DisabledException', 400, [true, false], /kms_key_id/],
    ['InvalidArgument', 400, [true, false], /check the options/],
    ['RequestTimeTooSkewed', 403, [true, true], /clock.*NTP/],
    ['ExpiredToken', 400, [true, true], /expired/],
    ['SlowDown', 503, [true, true], /overloaded/],
    ['QuotaExceeded', 403, [true, true], /full/],
    ['Unheard', 500, [true, true], /500 Unheard/],
    ['Unheard', 429, [true, true], /429 Unheard/],
    ['EntityTooLarge', 400, [false, false], /max_object_size/],
    ['KeyTooLongError', 400, [false, false], /prefix/],
    ['NotImplemented', 501, [false, false], /does not offer.*`keep_for`/],
  ];
  it.each(cases)('%s (%s)', (name, status, retryable, advice) => {
    const metadata = status === 0 ? {} : { httpStatusCode: status, requestId: 'r1' };
    const cause = Object.assign(new Error('said so'), { name, $metadata: metadata });
    const [running, starting] = [false, true].map((s) => s3Error('s3 put of k', cause, PLACE, s));
    expect([running!.retryable, starting!.retryable]).toEqual(retryable);
    expect(running!.message).toMatch(advice);
    expect(running!.message).toMatch(/^s3 put of k failed: .*"said so"; bucket replays, endpoint/);
    expect(running!.cause).toBe(cause);
  });

  it('knows what Node says of networks and certificates', () => {
    const error = (code: string): StoreError =>
      s3Error('s3 list', Object.assign(new Error('no'), { code }), PLACE, true);
    expect(error('ENOTFOUND')).toMatchObject({ retryable: true });
    expect(error('ENOTFOUND').message).toMatch(/DNS/);
    expect(error('ECONNRESET').message).toMatch(/the connection broke/);
    expect(error('CERT_HAS_EXPIRED')).toMatchObject({ retryable: false });
    expect(error('CERT_HAS_EXPIRED').message).toMatch(/NODE_EXTRA_CA_CERTS/);
    const happyEyeballs = new AggregateError([], '', { cause: undefined });
    expect(s3Error('s3 list', happyEyeballs, PLACE, true).retryable).toBe(true);
  });
});

describe('s3 store', () => {
  const servers: Server[] = [];
  const listen = async (answer: Parameters<typeof createServer>[1]): Promise<string> => {
    const server = createServer(answer ?? (() => undefined));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  afterEach(() => {
    for (const server of servers.splice(0)) server.close().closeAllConnections();
  });
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
  const open = (endpoint: string, timeoutMs = 5000) =>
    createS3Store({ bucket: 'b', endpoint, forcePathStyle: true, credentials, timeoutMs });

  it('gives up a server that is silent', async () => {
    const store = open(await listen(() => undefined), 100);
    await store.start();
    await expect(store.put('v1/k', new Uint8Array(1))).rejects.toMatchObject({
      retryable: true,
      message: expect.stringMatching(/put of v1\/k failed: no answer within 100 ms/) as string,
    });
    await store.stop();
  });

  it('refuses to start on what does not speak S3', async () => {
    const endpoint = await listen((_, response) => {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<html>not here</html>');
    });
    await expect(open(endpoint).start()).rejects.toMatchObject({ retryable: false });
  });

  it('puts with the encryption, key and class it was told, and no ACL', async () => {
    const seen: Record<string, unknown>[] = [];
    const endpoint = await listen((request, response) => {
      if (request.method === 'PUT') seen.push(request.headers);
      request.resume().once('end', () => response.end('<ListBucketResult/>'));
    });
    const store = createS3Store({
      ...{ bucket: 'b', endpoint, forcePathStyle: true, credentials },
      ...{ serverSideEncryption: 'aws:kms', kmsKeyId: 'key-1', storageClass: 'STANDARD_IA' },
    });
    await store.start();
    await store.put('v1/k', new Uint8Array(1));
    await store.stop();
    expect(seen).toMatchObject([
      {
        'x-amz-server-side-encryption': 'aws:kms',
        'x-amz-server-side-encryption-aws-kms-key-id': 'key-1',
        'x-amz-storage-class': 'STANDARD_IA',
      },
    ]);
    expect(seen[0]).not.toHaveProperty('x-amz-acl');
  });

  it('tags what is not kept for the longest time, and only that', async () => {
    const tags: unknown[] = [];
    const endpoint = await listen((request, response) => {
      if (request.method === 'PUT') tags.push(request.headers['x-amz-tagging']);
      request.resume().once('end', () => response.end('<ListBucketResult/>'));
    });
    const store = createS3Store({
      ...{ bucket: 'b', endpoint, forcePathStyle: true, credentials },
      untaggedKeepForMs: 90 * 24 * 3_600_000,
    });
    await store.start();
    for (const keepForMs of [90 * 24 * 3_600_000, 30 * 24 * 3_600_000, 0, undefined]) {
      await store.put('v1/k', new Uint8Array(1), { keepForMs });
    }
    await store.stop();
    expect(tags).toEqual([undefined, 'keep-for=720h', 'keep-for=forever', undefined]);
  });

  it('refuses a server without object tags where they are needed, and only there', async () => {
    const asked: string[] = [];
    const endpoint = await listen((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      request.resume().once('end', () => {
        if (request.method === 'GET') return response.end('<ListBucketResult/>');
        // As Garage says it.
        response.writeHead(501, { 'content-type': 'application/xml' });
        response.end(
          '<Error><Code>NotImplemented</Code><Message>Unimplemented action: PutObjectTagging</Message></Error>',
        );
      });
    });
    const options = { bucket: 'b', prefix: 'p', endpoint, forcePathStyle: true, credentials };
    const simple = createS3Store(options);
    await simple.start();
    await simple.stop();
    expect(asked).toHaveLength(1);
    await expect(createS3Store({ ...options, needsTags: true }).start()).rejects.toMatchObject({
      retryable: false,
      message: expect.stringMatching(/several `keep_for`.*PutObjectTagging/) as string,
    });
    expect(asked.at(-1)).toContain('PUT /b/p/v1/tags?tagging');
  });

  it('refuses a prefix that is no key', () => {
    expect(() => createS3Store({ bucket: 'b', prefix: 'a/../b' })).toThrow(StoreError);
  });

  it('loads the SDK no sooner than it starts', async () => {
    const script = `
      import { createRequire } from 'node:module';
      import { createS3Store } from ${JSON.stringify(new URL('./s3.ts', import.meta.url).href)};
      const { cache } = createRequire(import.meta.url);
      const loaded = () => Object.keys(cache).some((path) => path.includes('@aws-sdk'));
      const store = createS3Store({
        bucket: 'b', endpoint: 'http://127.0.0.1:9', credentials: ${JSON.stringify(credentials)},
      });
      const before = loaded();
      await store.start();
      console.log(before, loaded());`;
    const options = ['--import', import.meta.resolve('tsx'), '--conditions=otel-replay-source'];
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, [
      ...options,
      '--input-type=module',
      ...['--eval', script],
    ]);
    expect(stdout.trim()).toBe('false true');
  });
});

describe('s3 lifecycle', () => {
  const HOUR_MS = 3_600_000;
  const rules = (...keepForHours: number[]) =>
    s3Lifecycle({ keepForMs: keepForHours.map((h) => h * HOUR_MS), prefix: '/a/b/' }).Rules;
  const Prefix = 'a/b/v1/sessions/';

  it('is one rule for everything where there is one time, in whole days upwards', () => {
    expect(rules(36)).toEqual([
      {
        ID: 'session-replay',
        Status: 'Enabled',
        Filter: { Prefix },
        Expiration: { Days: 2 },
        NoncurrentVersionExpiration: { NoncurrentDays: 1 },
      },
    ]);
    expect(s3Lifecycle({ keepForMs: [1] }).Rules).toMatchObject([
      { Filter: { Prefix: 'v1/sessions/' }, Expiration: { Days: 1 } },
    ]);
  });

  it('has a rule by tag for each shorter time, because the shortest that matches wins', () => {
    const tag = (Value: string) => ({ And: { Prefix, Tags: [{ Key: 'keep-for', Value }] } });
    expect(rules(720, 24, 24, 2160)).toMatchObject([
      { Filter: { Prefix }, Expiration: { Days: 90 } },
      { Filter: tag('24h'), Expiration: { Days: 1 } },
      { Filter: tag('720h'), Expiration: { Days: 30 } },
    ]);
  });

  it('removes nothing for ever where one policy says so, but what others keep', () => {
    const [all, ...others] = rules(720, 0);
    expect(all).not.toHaveProperty('Expiration');
    expect(others).toMatchObject([{ Expiration: { Days: 30 } }]);
  });
});
