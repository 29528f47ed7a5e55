/** What a page was at one moment, and whether the replay shows just that. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { captureDom, compareDom, countDom } from './dom.js';
import type { DomNode } from './dom.js';
import { eventually } from './eventually.js';
import type { Viewer } from './viewer.js';

export interface Moment {
  dom: DomNode;
  /** Unix milliseconds, the browser's clock. */
  time: number;
}

/** The page must stand still around it, so that the moment is one and the same for page and replay. */
export async function lookAt(page: Page): Promise<Moment> {
  await page.waitForTimeout(250);
  const dom = await captureDom(page);
  const time = await page.evaluate(() => Date.now());
  await page.waitForTimeout(50);
  const { elements, publicTexts } = countDom(dom);
  // A comparison of next to nothing would prove nothing.
  expect(elements).toBeGreaterThan(25);
  expect(publicTexts).toBeGreaterThan(10);
  return { dom, time };
}

/** Opens the moment and waits until the replay is the page, apart from masks. */
export async function expectReplayed(
  viewer: Viewer,
  sessionId: string,
  moment: Moment,
): Promise<void> {
  await viewer.openMoment(sessionId, moment.time);
  await viewer.pause();
  await eventually('the same document', async () => {
    expect(compareDom(moment.dom, await captureDom(viewer.page))).toEqual([]);
    return true;
  });
}
