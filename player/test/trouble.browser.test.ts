/** Lost segments, refusals and failing services, in a real browser. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startRig, waitForState, waitForTime, type Rig } from './browser.js';
import { FIXTURE } from './fixture-spans.js';

const SESSION = `/sessions/${FIXTURE.sessionId}`;
let rig: Rig;
let page: Page;

beforeAll(async () => {
  rig = await startRig();
});
afterAll(async () => {
  await rig.stop();
});
beforeEach(async () => {
  await page?.close();
  rig.server.reset();
  page = await rig.newPage();
});

async function openAt(offsetMs: number): Promise<void> {
  await page.goto(`${rig.baseUrl}${SESSION}?t=${FIXTURE.start + offsetMs}`);
  await waitForState(page, 'paused');
}

describe('what is missing', () => {
  it('survives a lost segment and resumes at the next checkpoint', async () => {
    rig.server.lostSegments.add(5);
    await openAt(22_000);
    await page.getByLabel('Speed').selectOption('4');
    await page.getByTestId('play-toggle').click();
    await page.getByTestId('hole').first().waitFor();
    await waitForTime(page, FIXTURE.start + 35_000);
    await waitForState(page, 'playing');
    await page.getByTestId('play-toggle').click();
    await page.locator('[data-testid=timeline]').focus();
    const lost = rig.server.sessions[0]!.session.recordings[0]!.segments[5]!;
    await page.goto(`${rig.baseUrl}${SESSION}?t=${lost.firstTimestamp + 1500}`);
    await page.getByTestId('gap-message').waitFor();
  });

  it.each(['never_recorded', 'sampled_out', 'shed', 'expired', 'deleted', 'not_yet'] as const)(
    'says why there is no replay: %s',
    async (reason) => {
      rig.server.reasons.set(FIXTURE.otherTraceId, reason);
      await page.goto(`${rig.baseUrl}/traces/${FIXTURE.otherTraceId}`);
      await page.locator(`[data-testid=state-message][data-reason=${reason}]`).waitFor();
    },
  );

  it.each([
    ['asked-policies', { policies: ['errors', 'slow'] }, 'Policies that were asked: errors, slow.'],
    [
      'dropped-by',
      { droppedBy: { policy: 'no robots', reason: 'user: user.id is robot' } },
      'Dropped by no robots: user: user.id is robot.',
    ],
  ] as const)('names who did not keep it: %s', async (testId, problem, text) => {
    rig.server.reasons.set(FIXTURE.otherTraceId, 'sampled_out');
    rig.server.problems.set(FIXTURE.otherTraceId, problem);
    await page.goto(`${rig.baseUrl}/traces/${FIXTURE.otherTraceId}`);
    expect(await page.getByTestId(testId).textContent()).toBe(text);
  });

  it('asks for a token and keeps it in this tab', async () => {
    rig.server.token = 'secret-token';
    await page.goto(`${rig.baseUrl}${SESSION}`);
    await page.getByLabel('Bearer token').fill('secret-token');
    await page.getByRole('button', { name: 'Continue' }).click();
    await waitForState(page, 'paused');
    await page.reload();
    await waitForState(page, 'paused');
    expect(await page.evaluate(() => [localStorage.length, document.cookie])).toEqual([0, '']);
  });

  it('says that the service failed, and tries again', async () => {
    rig.server.isDown = true;
    await page.goto(`${rig.baseUrl}${SESSION}`);
    await page.locator('[data-testid=state-message][data-reason=server]').waitFor();
    rig.server.isDown = false;
    await page.getByRole('button', { name: 'Try again' }).click();
    await waitForState(page, 'paused');
  });

  it('says that the service cannot be reached', async () => {
    await page.goto(`${rig.baseUrl}/`);
    await page.getByTestId('session-row').waitFor();
    await page.context().setOffline(true);
    await page.getByTestId('session-row').locator('a').click();
    await page.locator('[data-testid=state-message][data-reason=unreachable]').waitFor();
    await page.context().setOffline(false);
  });

  it('plays on what is loaded while the service is away, waits, and goes on', async () => {
    await openAt(5000);
    rig.server.isDown = true;
    await page.getByLabel('Speed').selectOption('16');
    await page.getByTestId('play-toggle').click();
    await waitForTime(page, FIXTURE.start + 20_000);
    await waitForState(page, 'loading');
    rig.server.isDown = false;
    await waitForTime(page, FIXTURE.start + 66_000);
  });

  it('says when there is nothing to start from', async () => {
    const [recording] = rig.server.sessions[0]!.session.recordings;
    for (const { index } of recording!.segments) rig.server.lostSegments.add(index);
    await page.goto(`${rig.baseUrl}${SESSION}`);
    await page.locator('[data-testid=state-message][data-reason=no_snapshot]').waitFor();
  });
});
