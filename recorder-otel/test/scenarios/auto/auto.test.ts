import { expect, test } from 'vitest';
import { segmentsOf } from '../../support/otlp.js';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><button>b</button><output></output><script src="/app.js"></script>`,
  routes: { '/api/echo': { type: 'text/plain', body: 'fine' } },
});

test('one call traces and records, and tells backends the trace and the session', async () => {
  const page = await run.open();
  const request = page.waitForRequest('**/api/echo');
  await page.click('button');
  const headers = await (await request).allHeaders();
  await page.waitForFunction(`document.querySelector('output').textContent !== ''`);
  const sessionId = await page.evaluate('started.replay.sessionId');
  expect(headers['baggage']).toBe(`session.id=${String(sessionId)}`);
  const traceId = headers['traceparent']!.split('-')[1];

  await page.waitForTimeout(400); // The instrumentation ends spans 300 ms after the response.
  expect(await page.evaluate('started.shutdown().then(() => "done")')).toBe('done');
  const { spans, segments } = run.ingest;
  const own = spans.filter((span) => segmentsOf([span]).length === 0);
  expect(own.map((span) => [span.traceId, span.attributes.get('session.id')])).toEqual([
    [traceId, sessionId],
  ]);
  expect(segments.flatMap(({ header }) => header.traceIds)).toContain(traceId);
  for (const { resource } of spans) {
    expect(resource.get('service.name')).toBe('shop-web');
    expect(resource.get('service.version')).toBe('1.2.3');
  }
  expect(run.pageErrors).toEqual([]);
});
