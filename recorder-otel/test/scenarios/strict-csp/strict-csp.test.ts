import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><button>b</button><iframe src="/frame"></iframe><script src="/app.js"></script>`,
  csp: "default-src 'none'; script-src 'self'; connect-src CONNECT; frame-src 'self'; worker-src 'none'; require-trusted-types-for 'script'",
  routes: { '/frame': { type: 'text/html', body: '<p>in a frame</p>' } },
});

test('records under a policy without workers, eval, inline script and string-to-markup', async () => {
  const page = await run.open();
  await page.click('button');
  await run.ingest.until(() => run.ingest.segments.some(({ header }) => header.clickCount > 0));
  await run.ingest.until(async () =>
    (await run.ingest.events()).some(
      ({ data }) => (data as { isAttachIframe?: boolean }).isAttachIframe,
    ),
  );
  expect(await page.evaluate('violations')).toEqual([]);
  expect(run.pageErrors).toEqual([]);
});
