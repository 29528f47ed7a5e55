/** Plays events in a page with rrweb's own replayer and looks at the result. */
import { fileURLToPath } from 'node:url';
import type { ReplayEvent } from '@otel-replay/protocol';
import type { Page } from 'playwright-core';
import type { Scenario } from './scenario.js';
import { bundle } from './site.js';

const script = fileURLToPath(new URL('./replayer-page.js', import.meta.url));
let bundled: Promise<string> | undefined;

/** Text of the elements that `selectors` name at the end of the recording, joined by commas. */
export function replayedText(
  run: Pick<Scenario, 'context'>,
  events: readonly ReplayEvent[],
  selectors: readonly string[],
): Promise<string> {
  return inReplay(run, events, (page) =>
    page.evaluate(
      (wanted) =>
        (globalThis as unknown as { textOf: (wanted: readonly string[]) => string }).textOf(wanted),
      selectors,
    ),
  );
}

/** Red, green and blue in the middle of an element at the end of the recording. */
export function replayedPixel(
  run: Pick<Scenario, 'context'>,
  events: readonly ReplayEvent[],
  selector: string,
): Promise<number[]> {
  return inReplay(run, events, async (page) => {
    const frame = page.frameLocator('iframe').locator(selector);
    const { width, height } = (await frame.boundingBox())!;
    const png = await frame.screenshot();
    return page.evaluate(
      async ([data, x, y]) => {
        const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
        const context = canvas.getContext('2d')!;
        context.drawImage(bitmap, 0, 0);
        return [...context.getImageData(x, y, 1, 1).data].slice(0, 3);
      },
      [png.toString('base64'), Math.floor(width / 2), Math.floor(height / 2)] as const,
    );
  });
}

async function inReplay<R>(
  { context }: Pick<Scenario, 'context'>,
  events: readonly ReplayEvent[],
  look: (page: Page) => Promise<R>,
): Promise<R> {
  const page = await context.newPage();
  try {
    await page.setContent('<!doctype html><body></body>');
    await page.addScriptTag({ content: await (bundled ??= bundle(script)) });
    await page.evaluate((replayed) => {
      (globalThis as unknown as { replay: (events: readonly ReplayEvent[]) => void }).replay(
        replayed,
      );
    }, events);
    return await look(page);
  } finally {
    await page.close();
  }
}
