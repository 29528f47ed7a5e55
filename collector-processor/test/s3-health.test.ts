/** A bucket that refuses a running process: health says that an operator must mend it. */
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithS3, startS3Server, type S3Server } from './s3-server/s3-server.js';
import { createHarness, eventually, manifestWith } from './support/harness.js';
import { makeSegment, randomHex, send, tracesBody } from './support/otlp.js';

const BUCKET = 'replays';

describeWithS3('health with S3', () => {
  const harness = createHarness();
  let server: S3Server;
  let client: S3Client;

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
  afterAll(async () => {
    client?.destroy();
    await server?.stop();
  });

  it('is a permanent error while the bucket says 403, and the process stays ready', async () => {
    const processor = await harness.start({
      config: `exporters:
  replay_store:
    s3uploader: { s3_bucket: ${BUCKET}, endpoint: '${server.endpoint}', s3_force_path_style: true }
`,
      env: {
        AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
      },
    });
    const url = await processor.url('health_check');
    const ask = async (): Promise<{ code: number; health: string; store: unknown }> => {
      const response = await fetch(url);
      const { components, health } = (await response.json()) as {
        health: string;
        components: Record<string, unknown>;
      };
      return { code: response.status, health, store: components['exporters.replay_store'] };
    };
    expect(await ask()).toMatchObject({ code: 200, health: 'StatusOK' });

    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Deny',
          Principal: '*',
          Action: ['s3:PutObject'],
          Resource: [`arn:aws:s3:::${BUCKET}/*`],
        },
      ],
    });
    await client.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }));
    const sessionId = randomHex(16);
    const segment = await makeSegment({ sessionId, recordingId: randomHex(16), index: 0 });
    await send(await processor.url('otlp'), tracesBody('protobuf', [segment]));
    const refused = await eventually(ask, ({ health }) => health === 'StatusPermanentError');
    expect(refused).toMatchObject({
      code: 200,
      store: { error: expect.stringMatching(/s3:PutObject.*403 AccessDenied/) as unknown },
    });
    // Replays are not lost: they are in the journal, and the API shows them.
    await manifestWith(await processor.url('replay_api'), sessionId, 1);

    await client.send(new DeleteBucketPolicyCommand({ Bucket: BUCKET }));
    // Not to wait for the next attempt, which may be half a minute away.
    const next = { sessionId: randomHex(16), recordingId: randomHex(16), index: 0 };
    const later = tracesBody('protobuf', [await makeSegment(next)]);
    await send(await processor.url('otlp'), later);
    await eventually(ask, ({ health }) => health === 'StatusOK');
  }, 300_000);
});
