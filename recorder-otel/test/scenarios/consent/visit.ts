/** A page on which everything is on that can be, and a user who does all there is to do. */
import type { Page } from 'playwright-core';

export const SITE = {
  html: '<!doctype html><body><button>b</button><input /><output>0</output><script src="/app.js"></script>',
  routes: { '/beside': { type: 'text/html', body: '<!doctype html>' } },
};

/** By `stored()`, in the page. */
export const NOTHING = { local: [], session: [], cookie: '', databases: [], caches: [], usage: 0 };

/** Everything on: whatever is built must wait. */
export const EVERYTHING = {
  consent: 'required',
  remoteConfig: true,
  capture: { network: true, console: true, canvas: true, pictures: true, fonts: true },
  triggers: { consoleError: true, deadClick: true, rageClick: true },
};

export interface Lived {
  attributes: Record<string, unknown>;
  traceState?: string;
  baggage?: string;
  traceId: string;
}

/** A user and a page that do all they can. */
export async function live(page: Page, name: string): Promise<Lived> {
  const lived = await page.evaluate(`live('${name}')`);
  for (let click = 0; click < 4; click++) await page.click('button');
  await page.type('input', 'abc');
  await page.mouse.wheel(0, 100);
  return lived as Lived;
}

/** Long enough for whatever is done late or now and then, and for what is done at page leave. */
export async function letTimePass(page: Page): Promise<void> {
  await page.clock.runFor(120_000);
  await page.evaluate(`dispatchEvent(new Event('visibilitychange'))`);
  await page.evaluate(`dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))`);
  await page.evaluate(`dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))`);
  await page.evaluate('replay.forceFlush()');
}
