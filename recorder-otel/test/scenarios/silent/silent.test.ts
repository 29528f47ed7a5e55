/** What no event of the page tells of: closed shadow roots, custom states, sheets that are off. */
import type { ReplayEvent } from '@otel-replay/protocol';
import { expect, test } from 'vitest';
import { replayedText } from '../../support/replayed.js';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><style>x-flag:state(on) { color: red }</style>
    <style id="theme">p { color: blue }</style><style id="print" media="print">p { color: red }</style>
    <div id="host">light</div><div id="late" data-replay-unmask></div><x-flag></x-flag>
    <script>
      var flag;
      const root = host.attachShadow({ mode: 'closed' });
      root.innerHTML = '<b id="said">Closed secret</b><i data-replay-unmask id="open">Closed public</i><slot></slot>';
      customElements.define('x-flag', class extends HTMLElement {
        constructor() { super(); flag = this.attachInternals(); }
      });
    </script><script src="/app.js"></script>`,
});

const told = (events: ReplayEvent[]): Record<string, unknown>[] =>
  events.flatMap(({ type, data }) => {
    const { source, attributes } = (data ?? {}) as { source?: number; attributes?: object[] };
    return type === 3 && source === 0
      ? (attributes as { attributes: Record<string, unknown> }[]).map((change) => change.attributes)
      : [];
  });

async function flushed(page: { evaluate(code: string): Promise<unknown> }): Promise<ReplayEvent[]> {
  await page.evaluate('replay.forceFlush()');
  return run.ingest.recordingIds.length > 0 ? run.ingest.events() : [];
}

test('a closed shadow root that is handed over is recorded as an open one, and masked', async () => {
  const page = await run.open();
  await run.ingest.until(async () => (await flushed(page)).length > 1);
  expect(await page.evaluate('host.shadowRoot')).toBe(null);
  await page.evaluate('declareShadowRoot(host, root)');
  await run.ingest.until(async () => JSON.stringify(await flushed(page)).includes('Closed public'));
  // Who plays on needs to know that the checkpoint shows what nothing told of.
  expect(run.ingest.segments.some(({ header }) => header.droppedEvents > 0)).toBe(true);
  await page.evaluate(`root.getElementById('open').textContent = 'Changed public';
    root.getElementById('said').textContent = 'Changed secret';
    const inner = document.createElement('div');
    declareShadowRoot(inner, inner.attachShadow({ mode: 'closed' }).getRootNode());
    late.append(inner)`);
  await run.ingest.until(async () =>
    JSON.stringify(await flushed(page)).includes('Changed public'),
  );
  const events = await run.ingest.events();
  expect(JSON.stringify(events)).not.toContain('secret');
  expect(await replayedText(run, events, ['body'])).toContain('*****');
  // Only its own: a page cannot hand over what is not the element's, and is told so.
  const refused = await page.evaluate(
    `try { declareShadowRoot(late, root) } catch (error) { String(error) }`,
  );
  expect(refused).toMatch(/^TypeError: declareShadowRoot: root is not the shadow root of host/);
  expect(await page.evaluate('errors')).toEqual([]);
  expect(run.pageErrors).toEqual([]);
});

test('custom states, and sheets that are switched off and on, are told once each', async () => {
  const page = await run.open();
  await run.ingest.until(async () => (await flushed(page)).length > 1);
  await page.evaluate(`flag.states.add('on'); flag.states.add('unasked');
    theme.sheet.disabled = true`);
  await run.ingest.until(async () => told(await flushed(page)).length >= 2);
  await page.evaluate(`flag.states.delete('on'); theme.sheet.disabled = false`);
  await run.ingest.until(async () => told(await flushed(page)).length >= 4);
  expect(told(await run.ingest.events())).toEqual([
    { media: 'not all' },
    { 'data-replay-state': 'on' },
    { media: null },
    { 'data-replay-state': null },
  ]);
  expect(run.pageErrors).toEqual([]);
});
