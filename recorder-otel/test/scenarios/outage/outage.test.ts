import { expect, test } from 'vitest';
import type { Behaviour } from '../../support/ingest.js';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><button>b</button><output></output><script src="/app.js"></script>`,
});

const outages: [string, Behaviour][] = [
  ['answers 503', { status: 503, headers: { 'Retry-After': '1' } }],
  ['never answers', 'hang'],
  ['breaks the connection', 'reset'],
];

test.each(outages)(
  'a receiver that %s costs nothing that was recorded',
  async (_name, behaviour) => {
    run.ingest.behaviour = behaviour;
    const page = await run.open();
    await page.click('button');
    await run.ingest.until(() => run.ingest.refused.length > 0);
    await page.click('button');
    run.ingest.behaviour = 'accept';
    await page.click('button');
    await run.ingest.until(
      () => run.ingest.segments.reduce((sum, { header }) => sum + header.clickCount, 0) === 3,
    );
    // Numbered without holes, first to last, and each segment only once as far as numbers go.
    expect((await run.ingest.events()).length).toBeGreaterThan(5);
    expect(run.ingest.recordingIds.length).toBe(1);
    // The browser reports refused requests in the console; the page itself sees nothing.
    expect(run.pageErrors.filter((error) => !error.startsWith('Failed to load resource'))).toEqual(
      [],
    );
  },
);

test('what an outage was too long for is lost honestly: a gap, a count, a new start', async () => {
  run.ingest.behaviour = { status: 503 };
  const page = await run.open({ queue: '8000', offline: 'false' });
  await run.ingest.until(() => run.ingest.refused.length > 0);
  for (let i = 0; i < 10; i++) {
    await page.click('button');
    await page.evaluate('void replay.forceFlush()');
  }
  run.ingest.behaviour = 'accept';
  await run.ingest.until(async () => {
    await page.click('button');
    // Does not wait for the backoff of the last refusal.
    await page.evaluate('replay.forceFlush()');
    return run.ingest.segments.some(({ header }) => header.checkpoint === 2);
  });
  const restart = run.ingest.segments.find(({ header }) => header.checkpoint === 2)!;
  expect(restart.header.hasFullSnapshot).toBe(true);
  const dropped = run.ingest.segments.reduce((sum, { header }) => sum + header.droppedEvents, 0);
  expect(dropped).toBeGreaterThan(0);
  expect(restart.header.index).toBeGreaterThan(1);
  expect(String(await page.evaluate('errors'))).toContain('maxQueueBytes');
});
