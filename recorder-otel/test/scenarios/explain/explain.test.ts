/** What the tools for audits say is what happens, under a strict content security policy. */
import { mkdir, writeFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';

const run = scenario(import.meta.url, {
  csp: "default-src 'none'; img-src data:; script-src 'self'; connect-src CONNECT; worker-src blob:; require-trusted-types-for 'script'; trusted-types 'none'",
  html: `<!doctype html><html lang="en"><head><title>Shop</title></head><body>
    <h1 id="heading" title="A title">Words of the page</h1>
    <p id="account" class="account" data-kind="card" data-who="Ann">Ann <b id="name">Smith</b></p>
    <p id="price" class="price" title="Net price">12 EUR</p>
    <a id="link" href="/orders/1?token=x">Order</a>
    <div id="block" data-replay-block title="x" class="c"><p id="inside">Inside</p></div>
    <p><input id="plain" value="typed"> <input id="open" data-replay-unmask value="typed"> <input id="notes" class="notes">
    <input id="card" data-replay-unmask autocomplete="cc-number" value="4111"></p>
    <div id="editor" contenteditable>Typed words</div>
    <img id="picture" alt="x" width="40" height="20" src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7">
    <script src="/app.js"></script></body></html>`,
});

interface Explained {
  policy: string;
  sees: string;
  because: { rule: string; selector?: string; element?: unknown };
  text: string;
  value?: string;
  media?: string;
  neverUnmasked: boolean;
  attributes: Record<string, string>;
}

/** Runs in the page; elements by their id. */
function explain(id: string): unknown {
  const { explainMasking } = window as unknown as {
    explainMasking: (element: Element) => {
      because: { element?: Element };
      attributes: { name: string; outcome: string }[];
    };
  };
  const { because, attributes, ...rest } = explainMasking(document.getElementById(id)!);
  return {
    ...rest,
    because: { ...because, ...(because.element && { element: because.element.id }) },
    attributes: Object.fromEntries(attributes.map(({ name, outcome }) => [name, outcome])),
  };
}

const ask = (page: Page, id: string): Promise<Explained> =>
  page.evaluate(explain, id) as Promise<Explained>;

test('explainMasking says what is recorded and why', async () => {
  const page = await run.open();
  expect(await ask(page, 'heading')).toEqual({
    policy: 'shop-2026+rules',
    sees: 'text',
    because: { rule: 'policy' },
    text: 'recorded',
    neverUnmasked: false,
    attributes: { id: 'recorded', title: 'masked' },
  });
  expect(await ask(page, 'name')).toMatchObject({
    sees: 'masked',
    because: { rule: 'mask', element: 'account', selector: '.account' },
    text: 'masked',
  });
  expect((await ask(page, 'account')).attributes).toMatchObject({
    'data-kind': 'recorded',
    'data-who': 'masked',
  });
  expect(await ask(page, 'price')).toMatchObject({
    sees: 'everything',
    because: { rule: 'unmask', selector: '.price' },
    attributes: { title: 'recorded' },
  });
  expect((await ask(page, 'link')).attributes).toMatchObject({ href: 'shortened' });
  expect(await ask(page, 'block')).toMatchObject({
    sees: 'blocked',
    text: 'blocked',
    attributes: { class: 'recorded', title: 'blocked' },
  });
  expect(await ask(page, 'inside')).toMatchObject({
    because: { rule: 'block', element: 'block', selector: '[data-replay-block]' },
  });
  expect(await ask(page, 'plain')).toMatchObject({ value: 'masked', neverUnmasked: false });
  expect(await ask(page, 'open')).toMatchObject({ value: 'recorded' });
  expect(await ask(page, 'notes')).toMatchObject({ value: 'dropped' });
  expect(await ask(page, 'card')).toMatchObject({
    sees: 'everything',
    value: 'masked',
    neverUnmasked: true,
    attributes: { value: 'masked' },
  });
  expect(await ask(page, 'editor')).toMatchObject({
    because: { rule: 'editable' },
    text: 'masked',
  });
  expect(await ask(page, 'picture')).toMatchObject({
    media: 'dropped',
    attributes: { src: 'dropped' },
  });
  expect(run.pageErrors).toEqual([]);
});

test('what it says of a page is what its recording shows', async () => {
  const page = await run.open();
  await page.evaluate('replay.forceFlush()');
  const events = JSON.stringify(await run.ingest.events());
  const ids = await page.$$eval('body [id]', (all) => all.map(({ id }) => id));
  expect(ids.length).toBeGreaterThan(10);
  for (const id of ids) {
    const words = await page.$eval(
      `#${id}`,
      (element) => element.firstChild?.nodeValue?.trim() ?? '',
    );
    if (!/\S/.test(words)) continue;
    const { text } = await ask(page, id);
    expect([id, text === 'recorded']).toEqual([id, events.includes(words)]);
  }
  expect(run.ingest.segments[0]!.header.masking).toBe('shop-2026+rules');
});

test('the overlay outlines the page, goes and comes by a key, and is not recorded', async () => {
  const page = await run.open();
  await page.setViewportSize({ width: 800, height: 600 });
  await page.evaluate(`window.overlay = showMaskingOverlay(replay)`);
  const kinds = (): Promise<Record<string, string>> =>
    page.evaluate(() => {
      const { overlay } = window as unknown as {
        overlay: { boxes(): { element: Element; kind: string }[] };
      };
      return Object.fromEntries(overlay.boxes().map(({ element, kind }) => [element.id, kind]));
    });
  expect(await kinds()).toEqual({
    heading: 'unmasked',
    account: 'masked',
    name: 'masked',
    price: 'unmasked',
    link: 'unmasked',
    block: 'blocked',
    plain: 'masked',
    open: 'unmasked',
    notes: 'ignored',
    card: 'never',
    editor: 'masked',
    picture: 'masked',
  });
  const shown = await page.screenshot({ caret: 'initial' });
  if (process.env['SCREENSHOTS']) {
    await mkdir(process.env['SCREENSHOTS'], { recursive: true });
    await writeFile(`${process.env['SCREENSHOTS']}/masking-overlay.png`, shown);
  }
  // The page changes, and so do its outlines.
  await page.evaluate(`document.querySelector('#account').className = 'price'`);
  await expect.poll(async () => (await kinds())['account']).toBe('unmasked');
  await page.keyboard.press('Alt+Shift+KeyM');
  expect(await kinds()).toEqual({});
  const hidden = await page.screenshot({ caret: 'initial' });
  expect(hidden.equals(shown)).toBe(false);
  await page.keyboard.press('Alt+Shift+KeyM');
  expect(await kinds()).toMatchObject({ block: 'blocked' });
  await page.evaluate('replay.forceFlush()');
  const events = JSON.stringify(await run.ingest.events());
  expect(events.includes('legend')).toBe(false);
  expect(events.includes('Alt+Shift')).toBe(false);
  await page.evaluate('overlay.remove()');
  await page.keyboard.press('Alt+Shift+KeyM');
  expect(await kinds()).toEqual({});
  expect(await page.$$eval('html > div', (all) => all.length)).toBe(0);
  expect(run.pageErrors).toEqual([]);
});
