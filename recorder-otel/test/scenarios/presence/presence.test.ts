/** What a page ships that nobody sees, or nobody uses. */
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Ingest } from '../../support/ingest.js';
import { Site } from '../../support/site.js';
import { Tabs } from '../../support/tabs.js';

const html =
  '<!doctype html><body><button>b</button><output>0</output><script src="/app.js"></script>';
const site = new Site({
  html,
  script: fileURLToPath(new URL('./page.ts', import.meta.url)),
  routes: {
    // Goes on by itself: what is attached to a page keeps it from prerendering another.
    '/beside': { type: 'text/html', body: '<!doctype html>' },
    '/rules': {
      type: 'text/html',
      body: `<!doctype html><script>
        const next = new URLSearchParams(location.search).get('next');
        const rules = document.createElement('script');
        rules.type = 'speculationrules';
        rules.text = JSON.stringify({ prerender: [{ urls: [next], eagerness: 'immediate' }] });
        document.head.append(rules);
        addEventListener('storage', ({ key }) => key === 'go' && location.assign(next));
      </script>`,
    },
  },
});
let tabs: Tabs;
let ingest: Ingest;

beforeAll(() => site.start());
afterAll(() => site.stop());
beforeEach(async () => {
  ingest = new Ingest();
  await ingest.start();
  tabs = new Tabs();
  tabs.start();
});
afterEach(async () => {
  await tabs.stop();
  await ingest.stop();
});

/** Until the page has changed `changes` times more: whatever it would send, it has had the time. */
async function live(tab: string, changes = 6): Promise<void> {
  const until = Number(await tabs.evaluate(tab, 'count()')) + changes;
  await expect.poll(() => tabs.evaluate(tab, 'count()')).toBeGreaterThan(until);
}

test('a tab in the background ships nothing, until it is brought to the front', async () => {
  const tab = await tabs.open(site.page(ingest.url), true);
  await expect.poll(() => tabs.evaluate(tab, 'document.body?.dataset.born')).toBe('hidden false');
  await live(tab);
  expect(await tabs.evaluate(tab, 'replay.recordingId')).toBeUndefined();
  expect(ingest.requests.length).toBe(0);
  // Its spans have a session all the same: somebody has opened it.
  expect(await tabs.evaluate(tab, 'replay.sessionId')).toMatch(/^[0-9a-f]{32}$/);

  const seenAt = Date.now();
  await tabs.bringToFront(tab);
  await ingest.until(() => ingest.segments.length > 0);
  const [first] = ingest.segments;
  expect(first!.header).toMatchObject({ index: 0, checkpoint: 1, hasFullSnapshot: true });
  expect(first!.header.firstTimestamp).toBeGreaterThanOrEqual(seenAt);
});

test('a prerendered page ships and stores nothing, until somebody goes there', async () => {
  const beside = await tabs.open(`${site.origin}/beside`);
  const next = site.page(ingest.url);
  const tab = await tabs.open(`${site.origin}/rules?${new URLSearchParams({ next })}`);
  const changes = async (): Promise<number> =>
    Number(await tabs.evaluate(beside, `localStorage['prerendered'] ?? 0`));
  await expect.poll(changes).toBeGreaterThan(3);
  expect(ingest.requests.length).toBe(0);
  expect(await tabs.evaluate(beside, 'Object.keys(localStorage)')).toEqual(['prerendered']);

  const activatedAt = Date.now();
  await tabs.evaluate(beside, `localStorage['go'] = 1`);
  await ingest.until(() => ingest.segments.length > 0);
  expect(await tabs.evaluate(tab, 'document.body.dataset.born')).toBe('hidden true');
  const [first] = ingest.segments;
  expect(first!.header).toMatchObject({ index: 0, checkpoint: 1, hasFullSnapshot: true });
  expect(first!.header.firstTimestamp).toBeGreaterThanOrEqual(activatedAt);
  const stored = String(await tabs.evaluate(beside, `localStorage['otel-session']`));
  const { id, startedAt } = JSON.parse(stored) as { id: string; startedAt: number };
  expect(first!.header.sessionId).toBe(id);
  expect(startedAt).toBeGreaterThanOrEqual(activatedAt);
});

test("with holdUntil 'interaction' nothing leaves before the user does something", async () => {
  const tab = await tabs.open(site.page(ingest.url, { holdUntil: 'interaction' }));
  await expect.poll(() => tabs.evaluate(tab, 'document.body?.dataset.born')).toBe('visible false');
  await live(tab, 20);
  await tabs.evaluate(tab, `document.querySelector('button').click(); replay.forceFlush()`);
  await tabs.evaluate(tab, `dispatchEvent(new KeyboardEvent('keydown', { key: 'a' }))`);
  await live(tab, 20);
  expect(ingest.requests.length).toBe(0);

  await tabs.click(tab, 5, 5);
  await ingest.until(() => ingest.segments.some(({ header }) => header.clickCount > 0));
  // From the first picture on, without a hole.
  const events = await ingest.events();
  expect(events.slice(0, 2).map(({ type }) => type)).toEqual([4, 2]);
  // Changes that come faster than ten a second are told together.
  expect(events.length).toBeGreaterThan(8);
});

test('what fails on load is not lost to the hold', async () => {
  await tabs.open(site.page(ingest.url, { holdUntil: 'interaction', fail: '1' }));
  await ingest.until(() => ingest.segments.some(({ header }) => header.errorCount > 0));
  expect(ingest.segments[0]!.header).toMatchObject({ index: 0, hasFullSnapshot: true });
});

test("with holdUntil 'nothing' a tab in the background is recorded as well", async () => {
  const tab = await tabs.open(site.page(ingest.url, { holdUntil: 'nothing' }), true);
  await ingest.until(() => ingest.segments.length > 0);
  expect(await tabs.evaluate(tab, 'document.body.dataset.born')).toBe('hidden false');
});

/** Goes elsewhere and back, by the browser's back/forward cache. */
async function awayAndBack(tab: string, awayMs = 0): Promise<void> {
  await tabs.evaluate(tab, `document.body.dataset.kept = 'yes'`);
  await tabs.evaluate(tab, `void location.assign('/beside')`);
  await expect.poll(() => tabs.evaluate(tab, 'location.pathname')).toBe('/beside');
  await new Promise((resolve) => setTimeout(resolve, awayMs));
  await tabs.evaluate(tab, 'void history.back()');
  await expect.poll(() => tabs.evaluate(tab, 'document.body?.dataset.kept')).toBe('yes');
}

test('a page that comes back from the back/forward cache goes on, from a new start', async () => {
  const tab = await tabs.open(site.page(ingest.url));
  await ingest.until(() => ingest.segments.length > 0);
  const before = await tabs.evaluate(tab, '[replay.sessionId, replay.recordingId]');
  const backAt = Date.now();
  await awayAndBack(tab);
  expect(await tabs.evaluate(tab, '[replay.sessionId, replay.recordingId]')).toEqual(before);
  await ingest.until(() =>
    ingest.segments.some(
      ({ header }) => header.checkpoint === 2 && header.firstTimestamp >= backAt,
    ),
  );
  // One recording, without a hole and with increasing time.
  expect(ingest.recordingIds.length).toBe(1);
  const times = (await ingest.events()).map(({ timestamp }) => timestamp);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test('a page that comes back too late begins a new session and a new recording', async () => {
  const session = JSON.stringify({ continueWithinMs: 1 });
  const tab = await tabs.open(site.page(ingest.url, { session }));
  await ingest.until(() => ingest.segments.length > 0);
  const [sessionId] = (await tabs.evaluate(tab, '[replay.sessionId]')) as string[];
  await awayAndBack(tab, 50);
  await ingest.until(() => ingest.recordingIds.length === 2);
  const { header } = ingest.segments.find(({ header }) => header.sessionId !== sessionId)!;
  expect(header).toMatchObject({
    previousSessionId: sessionId,
    index: 0,
    checkpoint: 1,
    hasFullSnapshot: true,
  });
});
