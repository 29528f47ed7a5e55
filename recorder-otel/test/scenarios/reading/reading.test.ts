/** Our own way to read nodes reads what rrweb's does, with the options that this package gives it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';
import type { ReadingPage } from './page.js';

const HTML = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>One</title>
  <meta name="description" content="two"><link rel="icon" href="/favicon.ico">
  <style>.a { background: url(x.png) } /* c */</style></head>
<body class="a" onload="void 0">
  <!-- a comment -->
  <div id="scrolled" style="height: 20px; overflow: auto"><p style="height: 90px">tall</p></div>
  <form id="f"><input name="tagName" value="x"><input name="localName" type="checkbox" checked>
    <textarea>typed</textarea><select><option>1</option><option selected>2</option></select></form>
  <div class="rr-block"><b>not</b> this</div><p data-replay-block>nor this</p>
  <svg viewBox="0 0 9 9"><a href="#x"><path d="M0 0h9"/></a><style>.b{}</style>
    <foreignObject><div>html in svg</div></foreignObject></svg>
  <custom-one>text</custom-one><table background="t.png"><tr><td background="u.png">cell</td></tr></table>
  <a href="">nowhere</a><a href="../up?q#h">up</a><img src="p.png" srcset="q.png 2x" alt="">
  <div><template shadowrootmode="open"><style>:host{color:red}</style><slot></slot><i>in</i></template>out</div>
  <div style="background: url('y.png')">url</div><dialog open>said</dialog><details open><summary>s</summary>d</details>
  <pre>

  lines</pre><noscript>none</noscript><math><mi>x</mi></math>
  <script src="/app.js"></script></body></html>`;

const run = scenario(import.meta.url, { html: HTML });

async function toldOf(
  seed: number,
  tasks: number,
  before = '',
): Promise<{ told: number; reads: number }> {
  const page = await run.open();
  await page.evaluate(before);
  await page.evaluate(async () => {
    document.querySelector('#scrolled')!.scrollTop = 30;
    // Attributes as no parser makes them, and elements of no language.
    const made = document.createElement('svg');
    made.setAttributeNS(null, 'CamelCase', 'kept');
    document.body.append(made, document.createElementNS('urn:x', 'p'));
    await (window as unknown as ReadingPage).change(1, 1);
    (window as unknown as ReadingPage).start();
  });
  const { published, lean, reads } = await page.evaluate(
    async ([from, count]) => {
      const here = window as unknown as ReadingPage;
      await here.change(from, count);
      return { ...(await here.told()), reads: here.reads() };
    },
    [seed, tasks] as const,
  );
  await page.close();
  expect(lean).toEqual(published);
  return { told: lean.length, reads };
}

test('a page, element by element and of every kind', async () => {
  const { told, reads } = await toldOf(1, 0);
  expect(told).toBeGreaterThan(0);
  expect(reads).toBeGreaterThan(10);
});

test('whatever is added to it, moved, changed and removed, also in shadow trees', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 30 }), async (seed) => {
      const { told } = await toldOf(seed, 6);
      expect(told).toBeGreaterThan(0);
    }),
    { numRuns: 10, endOnFailure: true },
  );
});

test('where the page has methods of its own on elements, rrweb reads', async () => {
  const { told, reads } = await toldOf(
    2,
    3,
    `{ const { querySelector } = Element.prototype;
       Element.prototype.querySelector = function (selector) { return querySelector.call(this, selector); } }`,
  );
  expect(told).toBeGreaterThan(0);
  expect(reads).toBe(0);
});
