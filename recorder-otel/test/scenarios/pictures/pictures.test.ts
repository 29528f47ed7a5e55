import type { RequestListener } from 'node:http';
import type { ReplayEvent } from '@otel-replay/protocol';
import { expect, test } from 'vitest';
import { replayedPixel } from '../../support/replayed.js';
import { scenario } from '../../support/scenario.js';

/** One red pixel. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
);
let asked = 0;

const run = scenario(import.meta.url, {
  html: `<!doctype html><style>img { display: block; width: 60px; height: 40px }</style>
    <div data-replay-unmask><img id="shown" src="/shown.png"><img id="late"></div>
    <img id="masked" src="/masked.png"><script src="/app.js"></script>`,
  routes: Object.fromEntries(
    ['/shown.png', '/masked.png', '/late.png'].map((path): [string, RequestListener] => [
      path,
      (_request, response) => {
        asked++;
        response.writeHead(200, { 'Content-Type': 'image/png' }).end(PNG);
      },
    ]),
  ),
});

const pictures = (events: ReplayEvent[]): ReplayEvent[] =>
  events.filter(({ type, data }) => type === 3 && JSON.stringify(data).includes('data:image/'));

test('unmasked images of the page are in the recording, without asking for them again', async () => {
  asked = 0;
  const page = await run.open();
  await run.ingest.until(async () => pictures(await run.ingest.events()).length === 1);
  await page.evaluate(`document.querySelector('#late').src = '/late.png'`);
  await page.mouse.click(300, 300);
  await run.ingest.until(async () => pictures(await run.ingest.events()).length === 2);
  const events = await run.ingest.events();
  // The player has no server to ask: what it shows came with the recording.
  const [red, green, blue] = await replayedPixel(run, events, '#shown');
  expect([red! > 240, green! < 15, blue! < 15]).toEqual([true, true, true]);
  expect(JSON.stringify(pictures(events)).match(/data:image/g)).toHaveLength(2);
  expect(asked).toBe(3);
  expect(await page.evaluate('errors')).toEqual([]);
  expect(run.pageErrors).toEqual([]);
});
