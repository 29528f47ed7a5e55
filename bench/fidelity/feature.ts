/** The pages: what each is about, and what is done in it before it is looked at. */
import { readFileSync, readdirSync } from 'node:fs';
import type { Page } from 'playwright-core';

/** An action and its arguments; see {@link drive}. */
export type Step = readonly [action: string, ...args: string[]];

export interface Feature {
  /** Name of its file. */
  name: string;
  title: string;
  html: string;
  steps: readonly Step[];
  colorScheme?: 'dark';
  reducedMotion?: 'reduce';
  /** What our recorder tells a while later: it is waited for. */
  told?: string;
}

const FOLDER = new URL('./pages/', import.meta.url);

export function readFeatures(): Feature[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.html'))
    .sort()
    .map((file) => {
      const html = readFileSync(new URL(file, FOLDER), 'utf8');
      const about = JSON.parse(/^<!-- (\{.*\}) -->/.exec(html)?.[1] ?? '{}') as Partial<Feature>;
      if (about.title === undefined) throw new Error(`${file} does not say what it is about`);
      return { steps: [], ...about, title: about.title, name: file.replace('.html', ''), html };
    });
}

const ACTIONS: Record<string, (page: Page, ...args: string[]) => Promise<unknown>> = {
  hover: (page, selector) => page.hover(selector),
  click: (page, selector) => page.click(selector),
  focus: (page, selector) => page.focus(selector),
  press: (page, key) => page.keyboard.press(key),
  type: (page, selector, text) => page.locator(selector).pressSequentially(text),
  fill: (page, selector, text) => page.fill(selector, text),
  select: (page, selector, label) => page.selectOption(selector, { label: label }),
  down: (page) => page.mouse.down(),
  blur: async (page) => {
    await page.mouse.move(1, 1);
    await page.evaluate('document.activeElement.blur()');
  },
  scroll: (page, selector, top) =>
    page.evaluate(`document.querySelector(${JSON.stringify(selector)}).scrollTop = ${top}`),
  /** What the page itself does late. */
  later: (page) => page.evaluate('later()'),
  resize: (page, width, height) =>
    page.setViewportSize({ width: Number(width), height: Number(height) }),
  wait: (page, ms) => page.waitForTimeout(Number(ms)),
};

export async function drive(page: Page, steps: readonly Step[]): Promise<void> {
  for (const [action, ...args] of steps) {
    const act = ACTIONS[action];
    if (act === undefined) throw new Error(`there is no step "${action}"`);
    await act(page, ...args);
  }
}
