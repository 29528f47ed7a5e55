/**
 * The recorder holds everything back until a trigger, and the processor keeps errors only: what the
 * browser releases is kept, for triggers that no span tells of, and shows no gap.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import type { ReplayEvent, SessionManifest } from '@otel-replay/protocol';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import {
  startProcessor,
  type Processor,
} from '../../../collector-processor/test/support/processor.js';
import { SessionPlan } from '../../../player/src/engine/plan/session-plan.js';
import { Site } from '../../../recorder-otel/test/support/site.js';
import { eventsOf, ReplayApi } from '../../harness/api.js';
import { launchBrowser, openPage } from '../../harness/browser.js';
import { eventually } from '../../harness/eventually.js';
import { startsPlayable } from '../../harness/segments.js';

const WAIT = { timeoutMs: 60_000 };
const CONFIG = `
receivers: { otlp: { protocols: { http: { cors: { allowed_origins: ['http://127.0.0.1:*'] } } } } }
processors:
  session_replay:
    record_for: 1s
    policies:
      - { name: errors, type: status_code, status_code: { status_codes: [ERROR] } }
      - { name: noticed, type: browser_trigger }
`;

let browser: Browser;
let site: Site;
let directory: string;
let processor: Processor;
let api: ReplayApi;
const pages: Page[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
  site = new Site({
    script: fileURLToPath(new URL('./page.ts', import.meta.url)),
    html: `<!doctype html><button>b</button><output></output><script src="/app.js"></script>`,
  });
  await site.start();
  directory = await mkdtemp(join(tmpdir(), 'browser-buffer-'));
  processor = await startProcessor({ directory, config: CONFIG });
  api = new ReplayApi(await processor.url('replay_api'));
});
afterAll(async () => {
  await browser?.close();
  await site?.stop();
  await processor?.stop();
  await rm(directory, { recursive: true, force: true });
});
afterEach(async () => {
  for (const page of pages.splice(0)) await page.context().close();
});

async function visit(sessions: '0' | '1'): Promise<{ page: Page; sessionId: string }> {
  const { page } = await openPage(await browser.newContext());
  pages.push(page);
  await page.goto(site.page(`${await processor.url('otlp')}/v1/traces`, { sessions }));
  await page.waitForFunction(`Number(document.querySelector('output').textContent) > 60`);
  return { page, sessionId: String(await page.evaluate('replay.sessionId')) };
}

const read = async (sessionId: string): Promise<{ manifest: SessionManifest; marks: number[] }> => {
  const manifest = await api.manifest(sessionId);
  const marks: number[] = [];
  for (const { recordingId } of manifest.recordings) {
    const events = await eventsOf(await api.segments(sessionId, recordingId));
    expect(startsPlayable(events)).toBe(true);
    marks.push(...events.filter(isError).map(({ timestamp }) => timestamp));
  }
  return { manifest, marks };
};
const isError = ({ data }: ReplayEvent): boolean =>
  (data as { tag?: string }).tag === 'session_replay.error';

/** Until so many triggers are in the replay, which shows no gap. */
const replayed = async (sessionId: string, count: number) => {
  const { manifest, marks } = await eventually(
    `${count} triggers in the replay`,
    async () => {
      const now = await read(sessionId);
      return now.marks.length === count && now;
    },
    WAIT,
  );
  expect(manifest.decision?.policy).toBe('noticed');
  expect(manifest.recordings.flatMap(({ gaps }) => gaps)).toEqual([]);
  expect(new SessionPlan(manifest).holes).toEqual([]);
  return { manifest, marks };
};

it.each([
  ['an error of the page', 'fail()', 'error'],
  ['a call of the page', `replay.captureError(new TypeError('x'))`, 'manual'],
])('keeps what is around %s, and again around the next', async (_name, happen, trigger) => {
  const { page, sessionId } = await visit('0');
  await expect(api.manifest(sessionId)).rejects.toThrow('404');
  for (const count of [1, 2]) {
    await page.evaluate(happen);
    const { manifest, marks } = await replayed(sessionId, count);
    expect(manifest.decision?.reason).toBe(`the browser noticed: ${trigger}`);
    // Each time is a recording of its own: nothing is missing within.
    expect(manifest.recordings.length).toBe(count);
    const own = manifest.recordings.sort((a, b) => a.firstTimestamp - b.firstTimestamp)[count - 1]!;
    if (count === 1) {
      expect(own.segments[0]!.index).toBeGreaterThan(0);
      expect(marks[0]! - own.firstTimestamp).toBeGreaterThanOrEqual(1500);
    }
    // What follows is over when the next recording begins; all of it is kept, beyond record_for.
    await page.waitForFunction(`replay.recordingId !== '${own.recordingId}'`);
    const changedAt = await page.evaluate<number[]>('changedAt');
    // Not of the last moment: a change is recorded a frame later.
    const last = changedAt.findLast((time) => time <= marks.at(-1)! + 1400)!;
    await eventually(
      'what follows',
      async () => {
        const { recordings } = await api.manifest(sessionId);
        const { lastTimestamp = 0 } =
          recordings.find(({ recordingId }) => recordingId === own.recordingId) ?? {};
        return lastTimestamp >= last;
      },
      WAIT,
    );
  }
});

it('keeps a streamed session around what the browser noticed', async () => {
  const { page, sessionId } = await visit('1');
  await expect(api.manifest(sessionId)).rejects.toThrow('404');
  await page.evaluate(`replay.captureError(new TypeError('x'))`);
  await replayed(sessionId, 1);
});
