import type { ReplayEvent } from '@otel-replay/protocol';
import { expect, test } from 'vitest';
import { replayedPixel } from '../../support/replayed.js';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><style>canvas { display: block }</style>
    <div data-replay-unmask><canvas id="shown" width="60" height="40"></canvas></div>
    <canvas id="masked" width="60" height="40"></canvas><script src="/app.js"></script>`,
});

const pictures = (events: ReplayEvent[]): unknown[] =>
  events.filter(({ data }) => JSON.stringify(data).includes('data:image/webp'));

test('an unmasked canvas is shown as it was, in any rrweb player; a masked one is not', async () => {
  const page = await run.open();
  await run.ingest.until(async () => pictures(await run.ingest.events()).length > 0);
  await page.evaluate(`draw('#shown', '#00f'); draw('#masked', '#ff0')`);
  await run.ingest.until(async () => pictures(await run.ingest.events()).length > 1);
  const events = await run.ingest.events();
  const [red, green, blue] = await replayedPixel(run, events, '#shown');
  expect([red! < 60, green! < 60, blue! > 200]).toEqual([true, true, true]);
  expect(await replayedPixel(run, events, '#masked')).toEqual([255, 255, 255]);
  expect(await page.evaluate('errors')).toEqual([]);
  expect(run.pageErrors).toEqual([]);
});

test('a canvas that stays the same is sent once', async () => {
  const page = await run.open();
  await run.ingest.until(async () => pictures(await run.ingest.events()).length > 0);
  // Several looks later; the clicks make segments.
  for (let i = 0; i < 5; i++) {
    await page.waitForTimeout(150);
    await page.mouse.click(200, 200);
  }
  await page.evaluate('replay.forceFlush()');
  await run.ingest.until(
    () => run.ingest.segments.reduce((sum, { header }) => sum + header.clickCount, 0) === 5,
  );
  expect(pictures(await run.ingest.events()).length).toBe(1);
});
