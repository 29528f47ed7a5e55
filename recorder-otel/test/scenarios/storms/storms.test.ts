import type { ReplayEvent } from '@otel-replay/protocol';
import { expect, test } from 'vitest';
import { replayedText } from '../../support/replayed.js';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><div data-replay-unmask><p id="count">0</p><ul id="list"></ul></div>
    <script src="/app.js"></script>`,
});

const tags = (events: ReplayEvent[]): unknown[] =>
  events.map(({ data }) => (data as { tag?: string }).tag).filter(Boolean);
const checkpoints = (): number =>
  run.ingest.segments.filter(({ header }) => header.hasFullSnapshot).length;

test('a storm of changes is one checkpoint when it is over, and playback shows the result', async () => {
  const page = await run.open();
  await run.ingest.until(() => checkpoints() === 1);
  await page.evaluate('storm(20000)');
  await run.ingest.until(() => checkpoints() === 2);
  const events = await run.ingest.events();
  expect(tags(events)).toContain('session_replay.storm');
  expect(await replayedText(run, events, ['#count'])).toBe('20000');
  // Not one by one: a fraction of what happened.
  expect(events.length).toBeLessThan(50);
  // Neither a few changes nor many of the same text are a storm.
  await page.evaluate('storm(50)');
  await page.evaluate('count(30000)');
  await page.mouse.click(3, 3);
  await page.evaluate('replay.forceFlush()');
  await run.ingest.until(() => run.ingest.segments.some(({ header }) => header.clickCount > 0));
  expect(await replayedText(run, await run.ingest.events(), ['#count'])).toBe('30000');
  expect(checkpoints()).toBe(2);
  expect(run.pageErrors).toEqual([]);
});
