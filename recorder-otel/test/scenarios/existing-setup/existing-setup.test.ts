import { expect, test } from 'vitest';
import { segmentsOf } from '../../support/otlp.js';
import { scenario } from '../../support/scenario.js';

const html = `<!doctype html><meta name="viewport" content="width=device-width"><title>Private title</title>
  <h1 data-replay-unmask>Public heading</h1><p id="result">Private text</p>
  <button id="load">Load</button><script src="/app.js"></script>`;

const run = scenario(import.meta.url, {
  html,
  routes: { '/api/products': { type: 'text/plain', body: 'three products' } },
});

test('one array element records the page and ties it to its traces', async () => {
  const page = await run.open();
  await page.click('#load');
  await page.waitForSelector('text=three products');
  await run.ingest.until(() => {
    const { segments, spans } = run.ingest;
    return (
      segments.some(({ header }) => header.traceIds.length > 0) &&
      spans.some(({ kind }) => kind === 3)
    );
  });

  const { spans, segments } = run.ingest;
  const own = spans.filter((span) => segmentsOf([span]).length === 0);
  const { sessionId, recordingId } = segments[0]!.header;
  expect(sessionId).toMatch(/^[0-9a-f]{32}$/);
  for (const span of own) {
    expect(span.attributes.get('session.id')).toBe(sessionId);
    expect(span.attributes.get('session_replay.id')).toBe(recordingId);
  }
  // Its own requests leave no spans.
  expect(
    own.filter(({ attributes }) => String(attributes.get('url.full')).includes('/v1/traces')),
  ).toEqual([]);

  expect(segments[0]!.header).toMatchObject({ index: 0, checkpoint: 1, hasFullSnapshot: true });
  expect(segments[0]!.span.traceId).toBe(recordingId);
  const events = await run.ingest.events();
  expect(events.slice(0, 2).map(({ type }) => type)).toEqual([4, 2]);
  const traceIds = segments.flatMap(({ header }) => header.traceIds);
  expect(traceIds).toContain(own.find(({ kind }) => kind === 3)!.traceId);
  const linked = segments.flatMap(({ span }) => span.links.map(({ traceId }) => traceId));
  expect(linked).toEqual(traceIds);
  expect(segments.reduce((sum, { header }) => sum + header.clickCount, 0)).toBe(1);
  expect(segments.at(-1)!.span.resource.get('service.name')).toBe('shop-web');
  const text = JSON.stringify(events);
  expect(text).toContain('Public heading');
  expect(text).toContain('width=device-width');
  expect(text).not.toContain('three products');
  expect(text).not.toContain('Private');
  expect(run.pageErrors).toEqual([]);
});
