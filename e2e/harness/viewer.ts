/** The viewer as a person uses it, by the test ids it promises. */
import type { Locator, Page } from 'playwright-core';
import { eventually } from './eventually.js';

export class Viewer {
  readonly page: Page;
  readonly #origin: string;

  constructor(page: Page, origin: string) {
    this.page = page;
    this.#origin = origin;
  }

  async openTrace(traceId: string): Promise<void> {
    await this.page.goto(`${this.#origin}/traces/${traceId}`);
    await this.ready();
  }

  /** @param time Unix milliseconds */
  async openMoment(sessionId: string, time: number): Promise<void> {
    await this.page.goto(`${this.#origin}/sessions/${encodeURIComponent(sessionId)}?t=${time}`);
    await this.ready();
  }

  /** Unix milliseconds of the moment that is shown. */
  async time(): Promise<number> {
    return Number(await this.#byId('replay-time').getAttribute('data-time'));
  }

  spanRows(of: Readonly<Record<string, string>>): Locator {
    const wanted = Object.entries(of).map(([name, value]) => `[data-${name}="${value}"]`);
    return this.page.locator(`[data-testid="span-row"]${wanted.join('')}`);
  }

  markers(kind: string): Locator {
    return this.page.locator(`[data-testid="marker"][data-kind="${kind}"]`);
  }

  async pause(): Promise<void> {
    const stage = this.#byId('replay-stage');
    if ((await stage.getAttribute('data-state')) === 'playing') {
      await this.#byId('play-toggle').click();
    }
  }

  #byId(id: string): Locator {
    return this.page.locator(`[data-testid="${id}"]`);
  }

  /** The first frame is shown. */
  async ready(): Promise<void> {
    const stage = this.#byId('replay-stage');
    await eventually('the first frame of the replay', async () => {
      const message = this.#byId('state-message');
      // Briefly: it may be gone by now.
      if ((await message.count()) > 0) {
        throw new Error(`the viewer says: ${await message.innerText({ timeout: 500 })}`);
      }
      const state = (await stage.count()) > 0 && (await stage.getAttribute('data-state'));
      return state === 'playing' || state === 'paused';
    });
  }
}
