/** What the processor says about recording, and what happens when it says nothing, or nonsense. */
import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';

const json = (body: unknown) => ({ type: 'application/json', body: JSON.stringify(body) });

const run = scenario(import.meta.url, {
  html: `<!doctype html><button>b</button><script src="/app.js"></script>`,
  routes: {
    '/go': json({ enabled: true }),
    '/stop': json({ enabled: false }),
    '/none': json({ enabled: true, sessionSampleRate: 0, errorSampleRate: 0 }),
    '/canary': json({ enabled: true, canaryShare: 0 }),
    '/nonsense': json({ enabled: 'yes' }),
    '/share': json({ enabled: true, sessionSampleRate: 20 }),
    '/broken': { type: 'text/html', body: 'oops', status: 502 },
  },
});

const stored = `localStorage.getItem('otel-session.config')`;
const clicked = (): boolean => run.ingest.segments.some(({ header }) => header.clickCount > 0);

test('a stop discards what is recorded, and the next page records nothing', async () => {
  const page = await run.open({ config: '/stop' });
  await expect.poll(() => page.evaluate(stored)).toContain('false');
  await expect.poll(() => page.evaluate('replay.recordingId ?? "none"')).toBe('none');
  const before = run.ingest.requests.length;
  const next = await run.open({ config: '/stop' });
  await next.click('button');
  expect(await next.evaluate('replay.recordingId ?? "none"')).toBe('none');
  await next.evaluate('replay.forceFlush()');
  await next.close({ runBeforeUnload: true });
  expect(run.ingest.requests.length).toBe(before);
});

test.each(['/none', '/canary'])('rates hold from the next page on: %s', async (config) => {
  const page = await run.open({ config });
  await page.click('button');
  await run.ingest.until(clicked);
  await expect.poll(() => page.evaluate(stored)).toContain('enabled');
  await page.close({ runBeforeUnload: true });
  const next = await run.open({ config });
  await next.click('button');
  await next.evaluate('replay.forceFlush()');
  await next.close({ runBeforeUnload: true });
  expect(run.ingest.recordingIds.length).toBe(1);
});

test.each(['/nonsense', '/share', '/broken', '/missing', 'http://127.0.0.1:1/x'])(
  'recording goes on as it was: %s',
  async (config) => {
    const page = await run.open({ config });
    await expect.poll(() => page.evaluate('errors')).toContain('remoteConfig');
    await page.click('button');
    await run.ingest.until(clicked);
    expect(await page.evaluate(stored)).toBe(null);
  },
);

test('an answer that is old but not stale rules while the processor is away', async () => {
  const page = await run.open({ config: '/stop' });
  await expect.poll(() => page.evaluate(stored)).toContain('false');
  await page.evaluate(`{
    const cached = JSON.parse(${stored});
    localStorage.setItem('otel-session.config', JSON.stringify({ ...cached, fetchedAt: Date.now() - 3_600_000 }));
  }`);
  const next = await run.open({ config: '/broken' });
  await expect.poll(() => next.evaluate('errors')).toContain('remoteConfig');
  expect(await next.evaluate('replay.recordingId ?? "none"')).toBe('none');
  await page.evaluate(`{
    const cached = JSON.parse(${stored});
    localStorage.setItem('otel-session.config', JSON.stringify({ ...cached, fetchedAt: Date.now() - 25 * 3_600_000 }));
  }`);
  const later = await run.open({ config: '/broken' });
  await later.click('button');
  await run.ingest.until(clicked);
});

test('asks nothing and stores nothing before consent, and removes it afterwards', async () => {
  const page = await run.context.newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(run.site.page(run.ingest.url, { config: '/go', consent: '1' }));
  await page.click('button');
  expect(asked).not.toContain('/go');
  await page.evaluate('replay.grantConsent()');
  await expect.poll(() => asked).toContain('/go');
  await expect.poll(() => page.evaluate(stored)).toContain('true');
  await page.evaluate('replay.withdrawConsent()');
  expect(await page.evaluate(stored)).toBe(null);
});
