import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><button>b</button><script src="/app.js"></script>`,
});

interface Data {
  tag?: string;
  source?: number;
  payload?: { level: number; share: number };
}

test('beyond its budget it records less, says so in the replay and in metrics', async () => {
  const page = await run.open();
  const levels = async (): Promise<number[]> =>
    (await run.ingest.events())
      .map(({ data }) => data as Data)
      .filter(({ tag }) => tag === 'session_replay.restraint')
      .map(({ payload }) => payload!.level);
  // The budget is looked at every ten seconds; each click costs something.
  const clicking = setInterval(() => void page.mouse.click(5, 5).catch(() => undefined), 500);
  try {
    await run.ingest.until(async () => (await levels()).length > 0, 120_000);
  } finally {
    clearInterval(clicking);
  }
  await page.mouse.move(50, 50);
  await page.mouse.move(150, 150, { steps: 20 });
  await page.click('button');
  await page.evaluate('replay.forceFlush()');
  const events = await run.ingest.events();
  const step = events.findIndex(({ data }) => (data as Data).tag === 'session_replay.restraint');
  const after = events.slice(step).map(({ data }) => (data as Data).source);
  expect(after).toContain(2);
  expect(after).not.toContain(1);
  expect((await levels())[0]).toBe(1);
  const metrics: Record<string, number> = await page.evaluate('observe()');
  expect(metrics['session_replay.recorder.restraint.level ']).toBeGreaterThanOrEqual(1);
  expect(metrics['session_replay.recorder.main_thread.time s']).toBeGreaterThan(0);
  expect(metrics['session_replay.recorder.events {event}']).toBeGreaterThan(0);
  expect(run.pageErrors).toEqual([]);
});
