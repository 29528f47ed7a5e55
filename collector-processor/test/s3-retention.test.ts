/** Retention in a bucket: tags, printed rules, and a real server that applies them. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectTaggingCommand,
  PutBucketLifecycleConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { sessionPrefix } from '@otel-replay/protocol';
import { probabilistic, statusCode } from '../src/session/policies/index.js';
import type { S3Lifecycle } from '../src/store/s3-lifecycle.js';
import { createS3Store } from '../src/store/s3.js';
import { ERROR, events, id, openWorld, range } from './pipeline-world.js';
import { describeWithS3, startS3Server, type S3Server } from './s3-server/s3-server.js';
import { createHarness } from './support/harness.js';
import { launch } from './support/processor.js';

const BUCKET = 'replays';
const PREFIX = 'shop';
const DAY_MS = 86_400_000;
const KEEP_FOR: Readonly<Record<string, number>> = { all: 2 * DAY_MS, errors: 36_500 * DAY_MS };
/** For the server a day is a second. */
const CONFIG = `receivers: { otlp: }
processors:
  session_replay:
    keep_for: 48h
    policies:
      - { name: all, type: probabilistic, probabilistic: { sampling_percentage: 100 } }
      - name: errors
        type: status_code
        status_code: { status_codes: [ERROR] }
        keep_for: 36500d
exporters:
  replay_store:
    s3uploader: { s3_bucket: ${BUCKET}, s3_prefix: ${PREFIX}, region: us-east-1 }
service: { pipelines: { traces: { receivers: [otlp], exporters: [replay_store] } } }
`;

describeWithS3('retention in S3', () => {
  const harness = createHarness();
  let server: S3Server;
  let client: S3Client;

  beforeAll(async () => {
    server = await startS3Server({ lifecycleDaySeconds: 1 });
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

  async function printedRules(): Promise<S3Lifecycle> {
    const file = join(await harness.directory(), 'config.yaml');
    await writeFile(file, CONFIG);
    const run = launch(['print-lifecycle', '--config', file]);
    const { code } = await run.exited;
    expect(`${code} ${run.log}`.trim()).toBe('0');
    return JSON.parse(run.stdout) as S3Lifecycle;
  }

  it('removes a session when its time is over, keeps one that was prolonged, and readers learn why', async () => {
    const store = createS3Store({
      ...{ bucket: BUCKET, prefix: PREFIX, endpoint: server.endpoint, forcePathStyle: true },
      credentials: server.credentials,
      untaggedKeepForMs: KEEP_FOR['errors']!,
      needsTags: true,
    });
    const world = await openWorld({
      policies: [
        probabilistic('all', { samplingPercentage: 100, hashSalt: '' }),
        statusCode('errors'),
      ],
      session: { keepForMs: (policy) => KEEP_FOR[policy] },
      retention: { defaultMs: KEEP_FOR['all']! },
      wrapStore: () => store,
    });
    const keysOf = async (sessionId: string): Promise<string[]> => {
      const keys: string[] = [];
      for await (const { key } of store.list(sessionPrefix(sessionId))) keys.push(key);
      return keys;
    };
    const tagsOf = async (sessionId: string): Promise<Set<string>> => {
      const tags = new Set<string>();
      for (const key of await keysOf(sessionId)) {
        const command = new GetObjectTaggingCommand({ Bucket: BUCKET, Key: `${PREFIX}/${key}` });
        const { TagSet = [] } = await client.send(command);
        for (const { Key, Value } of TagSet) tags.add(`${Key}=${Value}`);
        if (TagSet.length === 0) tags.add('none');
      }
      return tags;
    };
    try {
      const clean = { sessionId: 'clean', recordingId: id(2), traceIds: [id(20)] };
      await world.send({ segments: range(3).map((s) => ({ ...s, ...clean })) });
      await world.send({ segments: range(3) });
      await world.pass(5000);
      expect(await tagsOf('clean')).toEqual(new Set(['keep-for=48h']));
      expect(await tagsOf('session-1')).toEqual(new Set(['keep-for=48h']));
      await world.send({ signals: [{ ...ERROR, sessionId: 'session-1' }] });
      await world.settled();
      // What was there is tagged anew; what is written from now on needs no tag.
      expect(await tagsOf('session-1')).toEqual(new Set(['keep-for=876000h', 'none']));
      await world.pass(130_000);

      const rules = await printedRules();
      expect(rules.Rules.map((rule) => rule.Expiration?.Days)).toEqual([36_500, 2]);
      await client.send(
        new PutBucketLifecycleConfigurationCommand({
          Bucket: BUCKET,
          LifecycleConfiguration: rules,
        }),
      );
      await vi.waitUntil(async () => (await keysOf('clean')).length === 0, {
        timeout: 120_000,
        interval: 500,
      });
      const { reader } = world.pipeline;
      expect(await reader.manifest('clean')).toEqual({ found: false, reason: 'expired' });
      expect(await reader.findTrace(id(20))).toEqual({ found: false, reason: 'expired' });
      expect(await events(world)).toEqual(['0', '1', '2']);
      expect(await keysOf('session-1')).toHaveLength(2);
    } finally {
      await world.pipeline.stop();
      await world.remove();
    }
  }, 300_000);
});
