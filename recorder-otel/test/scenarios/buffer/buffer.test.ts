/** Nothing leaves until a trigger, and what leaves then; all times are those that were recorded. */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { LIMITS } from '@otel-replay/protocol';
import type { WireSegment } from '../../support/otlp.js';
import { replayedText } from '../../support/replayed.js';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><button data-replay-unmask>b</button><output data-replay-unmask>-</output>
    <script src="/app.js"></script>`,
});

const ERROR = 'session_replay.error';

/** Headers by recording, in the order of their first segments. */
function byRecording(): WireSegment[][] {
  const all = new Map<string, WireSegment[]>();
  for (const segment of run.ingest.segments) {
    const { recordingId } = segment.header;
    all.set(recordingId, [...(all.get(recordingId) ?? []), segment]);
  }
  return [...all.values()].sort(
    (a, b) => a[0]!.header.firstTimestamp - b[0]!.header.firstTimestamp,
  );
}

const marks = async (recordingId: string, tag: string): Promise<number[]> =>
  (await run.ingest.events(recordingId))
    .filter(({ data }) => (data as { tag?: string }).tag === tag)
    .map(({ timestamp }) => timestamp);

async function fail(page: Page): Promise<void> {
  await page.evaluate('fail()');
}

/** It can be played, says why it is here, and has no hole. */
function expectReleased(segments: readonly WireSegment[], trigger = 'error'): void {
  const [{ header: first }] = segments as [WireSegment];
  expect(first).toMatchObject({ hasFullSnapshot: true, mode: 'buffer', trigger, sampleRate: 1 });
  expect(segments.map(({ header }) => header.index - first.index)).toEqual([...segments.keys()]);
  expect(new Set(segments.map(({ header }) => header.mode))).toEqual(new Set(['buffer']));
}

test('without a trigger nothing leaves: not on changes, when hidden, flushed, nor at the end', async () => {
  const requests: string[] = [];
  run.context.on('request', (request) => requests.push(request.url()));
  const page = await run.open({ ticker: '', pre: '1000', every: '200' });
  for (let i = 0; i < 20; i++) {
    // Clicks at one place would be a trigger.
    await page.mouse.move(10 + i, 10);
    await page.keyboard.press('Tab');
    await page.evaluate('new Promise((done) => setTimeout(done, 50))');
  }
  await page.evaluate('replay.forceFlush()');
  const other = await run.context.newPage();
  await other.bringToFront();
  await page.evaluate(`dispatchEvent(new Event('visibilitychange'))`);
  await page.evaluate('replay.forceFlush()');
  await page.close({ runBeforeUnload: true });
  await other.evaluate('new Promise((done) => setTimeout(done, 300))');
  expect(requests.filter((url) => url.startsWith(run.ingest.url))).toEqual([]);
  expect(run.ingest.requests).toEqual([]);
  expect(run.ingest.refused).toEqual([]);
  expect(run.pageErrors).toEqual([]);
});

test('an error soon after the start brings everything since', async () => {
  const page = await run.open({ ticker: '' });
  await page.evaluate('new Promise((done) => setTimeout(done, 3000))');
  expect(run.ingest.requests).toEqual([]);
  await fail(page);
  await run.ingest.until(async () => {
    const [segments] = byRecording();
    return (
      segments !== undefined && (await marks(segments[0]!.header.recordingId, ERROR)).length > 0
    );
  });
  const [segments] = byRecording() as [WireSegment[]];
  expectReleased(segments);
  expect(segments[0]!.header.index).toBe(0);
  const events = await run.ingest.events();
  const [at] = await marks(segments[0]!.header.recordingId, ERROR);
  expect(at! - events[0]!.timestamp).toBeGreaterThanOrEqual(3000);
  expect(segments.filter(({ header }) => header.errorCount === 1).length).toBe(1);
  expect(await replayedText(run, events, ['output'])).toMatch(/^\d+$/);
});

test('of a long visit N to N + c comes, N after it, and then nothing, until the next error', async () => {
  const page = await run.open({ ticker: '', pre: '1500', every: '500', post: '1500' });
  await page.evaluate('new Promise((done) => setTimeout(done, 6000))');
  expect(run.ingest.requests).toEqual([]);
  for (let episode = 1; episode <= 2; episode++) {
    await fail(page);
    const lastTick = async (at: number): Promise<number> =>
      (await page.evaluate<number[]>('tickedAt')).findLast((time) => time <= at + 1400)!;
    await run.ingest.until(async () => {
      const sent = byRecording()[episode - 1]?.map(({ header }) => header);
      if (!sent) return false;
      const [at] = await marks(sent[0]!.recordingId, ERROR).catch(() => []);
      // What follows is over, and it is here up to its end.
      if (at === undefined || Date.now() < at + 2000) return false;
      return sent.at(-1)!.lastTimestamp >= (await lastTick(at));
    });
    const segments = byRecording()[episode - 1]!;
    expectReleased(segments);
    const { recordingId, index, firstTimestamp } = segments[0]!.header;
    if (episode === 1) expect(index).toBeGreaterThan(0);
    const [at] = await marks(recordingId, ERROR);
    const window = at! - firstTimestamp;
    if (index > 0) expect(window).toBeGreaterThanOrEqual(1500);
    // How far apart checkpoints are depends on what they cost here; the second is always too young.
    const [, second] = segments.filter(({ header }) => header.hasFullSnapshot);
    if (second) expect(at! - second.header.firstTimestamp).toBeLessThan(1500);
    expect(segments.at(-1)!.header.lastTimestamp).toBeGreaterThanOrEqual(await lastTick(at!));
    await page.evaluate('new Promise((done) => setTimeout(done, 3000))');
    expect(byRecording().length).toBe(episode);
  }
  expect(run.pageErrors.every((error) => error.includes('a test'))).toBe(true);
});

test('of a page that stands still comes the pre-roll, though it was drawn long before', async () => {
  const page = await run.open({ pre: '1500', every: '500', post: '300' });
  await page.evaluate('new Promise((done) => setTimeout(done, 5000))');
  await fail(page);
  await run.ingest.until(() => run.ingest.segments.some(({ header }) => header.errorCount > 0));
  const [segments] = byRecording() as [WireSegment[]];
  expectReleased(segments);
  const events = await run.ingest.events(segments[0]!.header.recordingId);
  const [at] = await marks(segments[0]!.header.recordingId, ERROR);
  expect(at! - events[0]!.timestamp).toBeGreaterThanOrEqual(1500);
  expect(at! - events[0]!.timestamp).toBeLessThan(2000);
  expect(await replayedText(run, events, ['output'])).toBe('-');
});

test('a tab that is closed right after the error has sent it', async () => {
  const page = await run.open({ ticker: '' });
  await page.click('button');
  await page.evaluate('new Promise((done) => setTimeout(done, 1000))');
  await page.evaluate(`dispatchEvent(new ErrorEvent('error', { error: new TypeError('x') }))`);
  await page.close({ runBeforeUnload: true });
  await run.ingest.until(() => run.ingest.segments.some(({ header }) => header.errorCount === 1));
  const [segments] = byRecording() as [WireSegment[]];
  expectReleased(segments);
  expect((await marks(segments[0]!.header.recordingId, ERROR)).length).toBe(1);
  const bytes = run.ingest.requests.reduce((sum, { body }) => sum + body.length, 0);
  expect(bytes).toBeLessThan(LIMITS.UNLOAD_BYTES * 2);
});

test('a session that is not sampled is not recorded, whatever happens', async () => {
  const page = await run.open({ ticker: '', errors: '0' });
  await page.evaluate('new Promise((done) => setTimeout(done, 500))');
  expect(await page.evaluate('[typeof replay.sessionId, typeof replay.recordingId]')).toEqual([
    'string',
    'undefined',
  ]);
  await fail(page);
  await page.evaluate('replay.forceFlush()');
  await page.evaluate('new Promise((done) => setTimeout(done, 1500))');
  await page.close({ runBeforeUnload: true });
  expect(run.ingest.requests).toEqual([]);
});
