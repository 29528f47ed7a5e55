/** Plays events in a page with rrweb's own replayer and looks at the result. */
import { fileURLToPath } from 'node:url';
import type { ReplayEvent } from '@otel-replay/protocol';
import type { Scenario } from './scenario.js';
import { bundle } from './site.js';

const script = fileURLToPath(new URL('./replayer-page.js', import.meta.url));
let bundled: Promise<string> | undefined;

/** Text of the elements that `selectors` name at the end of the recording, joined by commas. */
export async function replayedText(
  { context }: Pick<Scenario, 'context'>,
  events: readonly ReplayEvent[],
  selectors: readonly string[],
): Promise<string> {
  const page = await context.newPage();
  try {
    await page.setContent('<!doctype html><body></body>');
    await page.addScriptTag({ content: await (bundled ??= bundle(script)) });
    return await page.evaluate(
      ([replayed, wanted]) =>
        (
          globalThis as unknown as {
            replayedText: (events: readonly ReplayEvent[], wanted: readonly string[]) => string;
          }
        ).replayedText(replayed, wanted),
      [events, selectors] as const,
    );
  } finally {
    await page.close();
  }
}
