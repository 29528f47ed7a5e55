import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><style>b { color: blue }</style><input><button>b</button><p id="out"></p>
    <div id="host"></div><script src="/app.js"></script>`,
});

const faults = [
  'none',
  'exporter throws',
  'exporter fails',
  'session throws',
  'session is nonsense',
  'listener throws',
  'headers throw',
  'user throws',
  'storage is off',
  'fetch is broken',
  'selector is wrong',
  'getters throw',
  'matches throws',
  'compression fails',
];

test.each(faults)('the page does not notice: %s', async (fault) => {
  const page = await run.open({ fault });
  expect(await page.evaluate('work()')).toBe('worked');
  await page.locator('input').focus();
  await page.keyboard.type('typed');
  await page.mouse.click(20, 20);
  await page.evaluate(() => {
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    window.dispatchEvent(new PageTransitionEvent('pagehide'));
    window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
  });
  expect(await page.evaluate('work()')).toBe('worked');
  await page.evaluate('replay.stop(); replay.start()');
  expect(await page.evaluate('replay.forceFlush().then(() => "flushed")')).toBe('flushed');
  expect(await page.evaluate('replay.shutdown().then(() => "shut down")')).toBe('shut down');
  expect(await page.evaluate('work()')).toBe('worked');
  expect(run.pageErrors).toEqual([]);
});

test('a second recorder in one document says so and stays out of the way', async () => {
  const page = await run.open();
  await run.ingest.until(() => run.ingest.segments.length > 0);
  expect(await page.evaluate('errors')).toEqual(['start']);
  expect(await page.evaluate('second.recordingId')).toBeUndefined();
  expect(run.ingest.recordingIds.length).toBe(1);
});

test('stop with discard sends nothing more; start begins a new recording', async () => {
  const page = await run.open();
  await page.evaluate('replay.forceFlush()');
  const first = run.ingest.recordingIds;
  const sent = run.ingest.requests.length;
  // At once: a segment may leave at any time.
  await page.evaluate(`document.querySelector('button').click(); replay.stop({ discard: true })`);
  await page.click('button');
  await page.evaluate('replay.forceFlush()');
  expect(run.ingest.requests.length).toBe(sent);
  expect(await page.evaluate('replay.recordingId')).toBeUndefined();
  await page.evaluate('replay.start()');
  await run.ingest.until(() => run.ingest.recordingIds.length === 2);
  const second = run.ingest.recordingIds.find((id) => !first.includes(id))!;
  expect((await run.ingest.events(second)).slice(0, 2).map(({ type }) => type)).toEqual([4, 2]);
});
