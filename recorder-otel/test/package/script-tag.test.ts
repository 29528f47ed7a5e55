/** The built file for script tags, in a page that allows nothing but its own scripts. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scenario } from '../support/scenario.js';

const built = fileURLToPath(new URL('../../dist/recorder-otel.iife.js', import.meta.url));
// `npm test` builds first; alone, this test wants `npm run build`.
const body = existsSync(built) ? readFileSync(built) : undefined;

const run = scenario(import.meta.url, {
  script: './page.js',
  html: `<!doctype html><button>b</button><script src="/recorder.js"></script><script src="/app.js"></script>`,
  csp: "default-src 'none'; script-src 'self'; connect-src CONNECT",
  routes: { '/recorder.js': { type: 'text/javascript', body: body ?? '' } },
});

test('one script tag records, traces and leaves one global', async () => {
  expect(body, 'npm run build makes dist/recorder-otel.iife.js').toBeDefined();
  const page = await run.open();
  await page.click('button');
  await run.ingest.until(() => run.ingest.segments.some(({ header }) => header.clickCount === 1));
  await run.ingest.events();
  await page.close({ runBeforeUnload: true });
  await run.ingest.until(() => run.ingest.spans.some(({ name }) => name === 'work'));
  expect(run.pageErrors).toEqual([]);
});
