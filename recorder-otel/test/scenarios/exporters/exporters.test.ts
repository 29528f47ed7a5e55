import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><p data-replay-unmask>Größe 漢字 🙂</p><button>b</button><script src="/app.js"></script>`,
});

test.each([
  ['http', 'application/json'],
  ['proto', 'application/x-protobuf'],
])("segments leave by the user's exporter-trace-otlp-%s", async (exporter, contentType) => {
  const page = await run.open({ exporter });
  await run.ingest.until(() => run.ingest.segments.length > 0);
  await page.click('button');
  await page.evaluate('provider.forceFlush()');
  const { segments, requests } = run.ingest;
  expect(requests[0]!.headers['content-type']).toContain(contentType);
  expect(segments.reduce((sum, { header }) => sum + header.clickCount, 0)).toBe(1);
  expect(segments[0]!.span.resource.get('service.name')).toBe('shop-web');
  const events = await run.ingest.events();
  expect(events.slice(0, 2).map(({ type }) => type)).toEqual([4, 2]);
  expect(JSON.stringify(events)).toContain('Größe 漢字 🙂');
  expect(run.pageErrors).toEqual([]);
});
