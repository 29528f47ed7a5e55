/**
 * Secrets in every place a recorder can see, and the promise that none of them leaves the browser:
 * not in the raw bytes, not in what they inflate to, not in another spelling.
 */
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { decodePayload } from '@otel-replay/protocol';
import type { WireSegment } from '../../support/otlp.js';
import { scenario } from '../../support/scenario.js';
import { inflateRawSync } from 'node:zlib';

/** One word per place, so that a leak says where it comes from. */
const secret = (place: string): string => `Zx${place}Qv`;

const html = `<!doctype html>
<html lang="en" data-user="${secret('Htmldata')}">
<head>
  <title>${secret('Title')}</title>
  <meta name="description" content="${secret('Description')}">
  <meta name="csrf-token" content="${secret('Csrf')}">
  <meta property="app:user" content="${secret('Metaprop')}">
  <base target="_self">
  <style>.a::after { content: "${secret('Csscontent')}" } :root { --user: "${secret('Cssvariable')}" }
    .b { background: url("/b.png?token=${secret('Cssurl')}") } /* ${secret('Csscomment')} */
    .c { background: url("data:image/svg+xml,${secret('Cssdata')}") }</style>
  <script type="application/json">{"user":"${secret('Jsonscript')}"}</script>
</head>
<body>
  <!-- ${secret('Comment')} -->
  <p id="text">${secret('Text')} and ${secret('Moretext')}</p>
  <p title="${secret('Titleattr')}" aria-label="${secret('Arialabel')}" data-name="${secret('Dataattr')}"
     aria-valuetext="${secret('Valuetext')}" customer="${secret('Unknownattr')}" caption="${secret('Captionattr')}" error="${secret('Errorattr')}" onclick="void '${secret('Onclick')}'"
     style="--who: '${secret('Styleattr')}'; background: url('/x?y=${secret('Styleurl')}')">x</p>
  <img alt="${secret('Alt')}" src="/img/${secret('Imgpath')}.png?sig=${secret('Imgquery')}" srcset="/i.png?s=${secret('Srcset')} 2x">
  <img alt="" src="data:image/svg+xml,${secret('Imgdata')}">
  <video poster="/p.png?x=${secret('Poster')}" src="/v.mp4?x=${secret('Video')}"></video>
  <object data="/o?x=${secret('Object')}"></object>
  <a id="link" href="https://me:${secret('Userinfo')}@shop.example/a?q=${secret('Query')}#${secret('Fragment')}">x</a>
  <a href="mailto:${secret('Mailto')}@example.com">x</a>
  <a href="data:text/html,${secret('Hrefdata')}">x</a>
  <form action="/pay?card=${secret('Action')}">
    <input id="typed" placeholder="${secret('Placeholder')}" value="${secret('Valueattr')}">
    <input type="hidden" name="h" value="${secret('Hidden')}">
    <input type="submit" value="${secret('Submit')}" formaction="/f?x=${secret('Formaction')}">
    <input type="radio" name="r" value="${secret('Radio')}"><input id="radio" type="radio" name="r" value="${secret('Radiotwo')}">
    <input id="check" type="checkbox" value="${secret('Checkbox')}">
    <input id="file" type="file">
    <textarea id="area">${secret('Textarea')}</textarea>
    <select id="select"><option value="${secret('Optionvalue')}" label="${secret('Optionlabel')}">${secret('Option')}</option>
      <optgroup label="${secret('Optgroup')}"><option id="pick" value="p${secret('Picked')}">${secret('Optiontwo')}</option></optgroup></select>
    <button value="${secret('Buttonvalue')}">${secret('Button')}</button>
    <output>${secret('Output')}</output><progress value="0.5">${secret('Progress')}</progress>
    <datalist><option value="${secret('Datalist')}"></datalist>
  </form>
  <div id="editable" contenteditable>${secret('Editable')}</div>
  <svg viewBox="0 0 10 10"><title>${secret('Svgtitle')}</title><text>${secret('Svgtext')}</text>
    <image href="/s.png?x=${secret('Svgimage')}"></image><a href="/s?x=${secret('Svglink')}"><rect aria-label="${secret('Svglabel')}"/></a></svg>
  <noscript><p>${secret('Noscript')}</p></noscript>
  <template><p>${secret('Template')}</p></template>
  <iframe id="frame" srcdoc="&lt;p title='${secret('Frameattr')}'&gt;${secret('Frametext')}&lt;/p&gt;&lt;input id='in'&gt;" name="x"></iframe>
  <iframe src="/frame?x=${secret('Framequery')}"></iframe>
  <div id="host"></div><div id="declared"><template shadowrootmode="open">${secret('Declaredroot')}<p>${secret('Declared')}</p></template></div>
  <user-card name="${secret('Customattr')}">${secret('Customtext')}</user-card>
  <div data-replay-unmask>
    <p>Public words</p>
    <p data-replay-mask>${secret('Remasked')}</p>
    <p data-replay-mask data-replay-unmask>${secret('Tie')}</p>
    <input id="password" type="password" value="${secret('Password')}">
    <input id="toggled" type="password">
    <input id="card" autocomplete="section-a billing cc-number"><input id="cvc" name="cvc">
    <input id="code" autocomplete="one-time-code">
    <input type="hidden" value="${secret('Unmaskedhidden')}">
    <a href="/public?x=${secret('Unmaskedquery')}">Public link</a>
    <div data-replay-block title="${secret('Blockattr')}"><p>${secret('Blocked')}</p></div>
    <div id="late-block"><p id="late-block-text">Public until blocked</p></div>
  </div>
  <input id="ignored" data-replay-ignore>
  <div id="late"></div>
  <script src="/app.js"></script>
</body></html>`;

const run = scenario(import.meta.url, {
  html,
  routes: { '/frame': { type: 'text/html', body: `<title>t</title><p>${secret('Framedoc')}</p>` } },
});

/** Every word that was put anywhere. */
const places = new Set<string>();
for (const [word] of html.matchAll(/Zx[A-Z][a-z]+Qv/g)) places.add(word);
places.add(secret('Framedoc'));
const use = (place: string): string => {
  places.add(secret(place));
  return secret(place);
};

const LATE = [
  'latetext',
  'lateattr',
  'changedattr',
  'changedstyle',
  'setproperty',
  'changedtext',
  'setvalue',
  'setattribute',
  'areatext',
  'changedhref',
  'changedtitle',
  'rootext',
  'shadowtext',
  'shadowattr',
  'shadowinput',
  'adopted',
  'insertrule',
  'ruleproperty',
  'latestyle',
  'lateoption',
  'latealt',
  'latedata',
  'lateblocked',
  'lateblockedattr',
  'consolelog',
  'consoleerror',
  'stored',
  'cookie',
  'pushquery',
  'pushhash',
  'errormessage',
  'errorname',
  'rejection',
  'custommail',
] as const;

async function misuse(page: Page): Promise<void> {
  const words = Object.fromEntries(
    LATE.map((place) => [place, use(place[0]!.toUpperCase() + place.slice(1))]),
  ) as Record<(typeof LATE)[number], string>;
  for (const id of ['typed', 'password', 'toggled', 'card', 'cvc', 'code', 'ignored', 'area']) {
    await page.fill(`#${id}`, '');
    await page.locator(`#${id}`).pressSequentially(use(`Typed${id}`));
  }
  await page.evaluate(`document.querySelector('#toggled').type = 'text'`);
  await page.locator('#toggled').pressSequentially(use('Shownpassword'));
  await page.check('#radio');
  await page.check('#check');
  await page.selectOption('#select', `p${secret('Picked')}`);
  await page.setInputFiles('#file', {
    name: `${use('Filename')}.txt`,
    mimeType: 'text/plain',
    buffer: Buffer.from(use('Filecontent')),
  });
  await page.locator('#editable').pressSequentially(use('Typededitable'));
  await page.frameLocator('#frame').locator('#in').fill(use('Typedframe'));
  await page.evaluate((words) => {
    const q = <T extends Element>(selector: string): T => document.querySelector<T>(selector)!;
    const p = document.createElement('p');
    p.textContent = words.latetext;
    p.title = words.lateattr;
    q('#late').append(p);
    q('#late').setAttribute('aria-description', words.changedattr);
    q('#late').setAttribute('style', `--x: "${words.changedstyle}"`);
    q<HTMLElement>('#text').style.setProperty('--y', `"${words.setproperty}"`);
    q('#text').firstChild!.nodeValue = words.changedtext;
    q<HTMLInputElement>('#typed').value = words.setvalue;
    q<HTMLInputElement>('#typed').setAttribute('value', words.setattribute);
    q<HTMLTextAreaElement>('#area').textContent = words.areatext;
    q('#link').setAttribute('href', `/z?x=${words.changedhref}#${words.changedhref}`);
    document.title = words.changedtitle;
    const root = q('#host').attachShadow({ mode: 'open' });
    root.append(words.rootext);
    root.append(
      Object.assign(document.createElement('p'), {
        textContent: words.shadowtext,
        title: words.shadowattr,
      }),
    );
    root.append(document.createElement('input'));
    root.querySelector('input')!.value = words.shadowinput;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`p::after { content: "${words.adopted}" }`);
    root.adoptedStyleSheets = [sheet];
    const style = q<HTMLStyleElement>('style').sheet!;
    style.insertRule(`.z::before { content: "${words.insertrule}" }`);
    (style.cssRules[0] as CSSStyleRule).style.setProperty('--w', `"${words.ruleproperty}"`);
    q('#late').innerHTML =
      `<style>.y::after { content: '${words.latestyle}' }</style><option>${words.lateoption}</option><img alt="${words.latealt}" src="data:text/plain,${words.latedata}">`;
    q('#late-block').setAttribute('data-replay-block', '');
    q('#late-block-text').firstChild!.nodeValue = words.lateblocked;
    q('#late-block-text').setAttribute('title', words.lateblockedattr);
    for (const [level, word] of [
      ['log', words.consolelog],
      ['error', words.consoleerror],
    ] as const) {
      globalThis['console'][level](word);
    }
    localStorage.setItem('x', words.stored);
    document.cookie = `x=${words.cookie}`;
    history.pushState({}, '', `/path?token=${words.pushquery}#${words.pushhash}`);
    const error = new Error(words.errormessage);
    error.name = `${words.errorname} is text`;
    window.dispatchEvent(new ErrorEvent('error', { error, message: words.errormessage }));
    void Promise.reject(error).catch(() => undefined);
    window.dispatchEvent(
      new PromiseRejectionEvent('unhandledrejection', {
        promise: Promise.resolve(),
        reason: words.rejection,
      }),
    );
    getSelection()!.selectAllChildren(q('#text'));
    customElements.define('user-card', class extends HTMLElement {});
    q('user-card').setAttribute('mail', words.custommail);
  }, words);
}

/** The spellings a secret could hide in. */
function spellings(word: string): Buffer[] {
  const base64 = [0, 1, 2].map((shift) =>
    // Without the characters that its neighbours take part in.
    Buffer.from(`${' '.repeat(shift)}${word}`)
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  );
  const percent = [...word].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('');
  const hex = Buffer.from(word).toString('hex');
  const reversed = [...word].reverse().join('');
  return [word, word.toLowerCase(), percent, percent.toUpperCase(), hex, reversed, ...base64]
    .map((text) => Buffer.from(text))
    .concat([Buffer.from(word, 'utf16le'), Buffer.from(word, 'utf16le').swap16()]);
}

/** The inflated bytes, and the events that they stand for: a secret may be in neither. */
async function bothForms({ header, data }: WireSegment): Promise<Buffer[]> {
  expect(header.payload.encoding).toBe('deflate-raw');
  const events = await decodePayload(header.payload, data);
  return [inflateRawSync(data), Buffer.from(JSON.stringify(events))];
}

test('none of the secrets of a page leaves it, in any spelling', async () => {
  const page = await run.open({ token: use('Pagequery') });
  await run.ingest.until(() => run.ingest.segments.length > 0);
  await misuse(page);
  // Everything once more, in a snapshot of what the page has become.
  await page.mouse.click(3, 3);
  await page.evaluate('replay.forceFlush()');
  await page.mouse.click(3, 3);
  await page.evaluate('replay.forceFlush()');
  await run.ingest.until(
    () => run.ingest.segments.filter(({ header }) => header.hasFullSnapshot).length > 1,
  );
  // A word of our own must have come through, or this test looks at nothing.
  await page.close({ runBeforeUnload: true });

  const payloads = (await Promise.all(run.ingest.segments.map(bothForms))).flat();
  const bytes = Buffer.concat([...run.ingest.requests.map(({ body }) => body), ...payloads]);
  const text = Buffer.concat(payloads).toString();
  for (const seen of [
    'Public words',
    'Public link',
    '/public"',
    'session_replay.navigation',
    'session_replay.error',
    '"isAttachIframe":true',
    '"source":5',
    '"source":15',
  ]) {
    expect(text.includes(seen), seen).toBe(true);
  }

  const leaks = [...places].filter((word) =>
    spellings(word).some((spelling) => bytes.includes(spelling)),
  );
  expect(leaks).toEqual([]);
  // Partly typed secrets would be caught by their beginning.
  expect(/ZxT|ZxSh/.test(text)).toBe(false);
  expect(places.size).toBeGreaterThan(120);
});
