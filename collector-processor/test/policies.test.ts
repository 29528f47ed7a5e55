/** What is kept and what is not, by the configuration that `docs/operations.md` shows. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionManifest, SessionSummary } from '@otel-replay/protocol';
import { describe, expect, it } from 'vitest';
import { createHarness, eventually, manifestWith } from './support/harness.js';
import { makeSegment, randomHex, send, tracesBody } from './support/otlp.js';

const harness = createHarness();

async function shownConfig(): Promise<string> {
  const text = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const yaml = /## What is kept\n.*?```yaml\n(.*?)```/s.exec(text)?.[1];
  if (yaml === undefined) throw new Error('docs/operations.md shows no policies');
  return yaml;
}

interface Visit {
  url: string;
  userId?: string;
  rageClickCount?: number;
  /** Name of a span with an error, of the visit's trace. */
  failing?: string;
}

describe('errors, attributes, a combination, drop and ignore', () => {
  it('keep what was asked for, each with its policy and reason, and nothing else', async () => {
    const processor = await harness.start({ config: await shownConfig() });
    const [otlp, api] = [await processor.url('otlp'), await processor.url('replay_api')];
    const visit = async (sessionId: string, { failing, ...header }: Visit): Promise<void> => {
      const traceId = randomHex(16);
      const ids = { sessionId, recordingId: randomHex(16), traceIds: [traceId], ...header };
      for (const index of [0, 1]) {
        const body = tracesBody('protobuf', [await makeSegment({ ...ids, index })]);
        expect((await send(otlp, body)).status).toBe(200);
      }
      if (failing === undefined) return;
      const span = { traceId, name: failing, error: true };
      expect((await send(otlp, tracesBody('json', [], [span]), { encoding: 'json' })).status).toBe(
        200,
      );
    };
    const shop = 'https://shop.example.com';
    await visit('quiet', { url: `${shop}/` });
    await visit('tester', { url: `${shop}/`, userId: 'load-test', failing: 'POST /order' });
    await visit('polled', { url: `${shop}/`, failing: 'GET /health' });
    await visit('angry elsewhere', { url: `${shop}/`, rageClickCount: 1 });
    await visit('angry', { url: `${shop}/checkout`, rageClickCount: 1 });
    await visit('gold', { url: `${shop}/`, userId: 'ann' });
    await visit('failed', { url: `${shop}/`, failing: 'POST /order' });

    const why = ({ decision }: SessionManifest): unknown =>
      `${decision?.policy} | ${decision?.reason}`;
    expect(why(await manifestWith(api, 'failed', 2))).toBe(
      'errors | a span ended with status ERROR: POST /order',
    );
    expect(why(await manifestWith(api, 'gold', 2))).toBe('watched users | user.id is ann');
    expect(why(await manifestWith(api, 'angry', 2))).toBe(
      `anger at the checkout | rage clicks: session_replay.rage_click_count is 1; checkout: browser.document.url.full is ${shop}/checkout; at most: within 5 sessions a second`,
    );
    for (const id of ['quiet', 'tester', 'polled', 'angry elsewhere']) {
      expect((await fetch(`${api}/api/v1/sessions/${id}`)).status, id).toBe(404);
    }
    const dropped = await fetch(`${api}/api/v1/sessions/tester`);
    expect(await dropped.json()).toMatchObject({
      reason: 'sampled_out',
      detail: expect.stringContaining('policy "load tests" dropped it') as string,
      droppedBy: { policy: 'load tests', reason: 'their user: user.id is load-test' },
    });
    const decisions = 'otelcol_processor_session_replay_decisions';
    expect(await processor.metric(decisions)).toBe(3);
  });
});

describe('a dry run of them', () => {
  it('keeps everything, and says in the API, the store and metrics what they would have done', async () => {
    const directory = await harness.directory();
    const config = (await shownConfig()).replace(
      '  session_replay:\n',
      '  session_replay:\n    dry_run: true\n    session_idle_timeout: 1s\n',
    );
    const processor = await harness.start({ directory, config });
    const [otlp, api] = [await processor.url('otlp'), await processor.url('replay_api')];
    const visit = async (sessionId: string, userId: string, isFailing = false): Promise<string> => {
      const [traceId, recordingId] = [randomHex(16), randomHex(16)];
      const header = { sessionId, recordingId, traceIds: [traceId], userId, index: 0 };
      const spans = isFailing ? [{ traceId, name: 'POST /order', error: true }] : [];
      const body = tracesBody('protobuf', [await makeSegment(header)], spans);
      expect((await send(otlp, body)).status).toBe(200);
      return traceId;
    };
    await visit('quiet', 'eve');
    await visit('tester', 'load-test', true);
    const traceId = await visit('failed', 'eve', true);

    const wanted: Record<string, unknown> = {
      quiet: { kept: false, reason: 'no policy wanted it' },
      tester: { kept: false, policy: 'load tests', reason: 'their user: user.id is load-test' },
      failed: {
        ...{ kept: true, policy: 'errors', traceId },
        reason: 'a span ended with status ERROR: POST /order',
      },
    };
    for (const [id, dryRun] of Object.entries(wanted)) {
      const { decision } = await manifestWith(api, id, 1);
      expect(decision, id).toMatchObject({ policy: 'dry_run', dryRun });
      const file = join(directory, 'store/v1/sessions', id, 'session.json');
      const summary = await eventually(
        async () => JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as SessionSummary,
        ({ state }) => state === 'ended',
      );
      expect(summary.decision, id).toMatchObject({ policy: 'dry_run', dryRun });
    }
    const prefix = 'otelcol_processor_session_replay_';
    const sampledOut = `${prefix}sessions_sampled_out`;
    await eventually(
      () => processor.metric(sampledOut),
      (count) => count === 2,
    );
    expect(await processor.metric(sampledOut, 'policy="load tests"')).toBe(1);
    expect(await processor.metric(sampledOut, 'dry_run="false"')).toBe(0);
    expect(await processor.metric(`${prefix}decisions`, 'policy="errors"')).toBe(1);
    expect(await processor.metric(`${prefix}decisions`, 'dry_run="true"')).toBe(1);
    expect(await processor.metric(`${prefix}segments_dropped`)).toBe(0);
  });
});
