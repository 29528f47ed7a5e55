/** What users and the page's own code do, with a secret in everything they touch. */
import type { Page } from 'playwright-core';
import type { Secrets } from '../../support/secrets.js';

const TYPED = [
  'typed',
  'search',
  'tel',
  'email',
  'url',
  'dated',
  'password',
  'toggled',
  'card',
  'cvc',
  'cvccamel',
  'cvcsnake',
  'numeric',
  'placed',
  'digit',
  'code',
  'secretarea',
  'ignored',
  'area',
] as const;

/** As a user: typing, pasting, choosing, dropping, selecting. */
export async function use(page: Page, { at }: Secrets): Promise<void> {
  for (const id of TYPED) {
    await page.fill(`#${id}`, '');
    await page.locator(`#${id}`).pressSequentially(at(`Typed${id}`));
  }
  await page.evaluate(`document.querySelector('#toggled').type = 'text'`);
  await page.locator('#toggled').pressSequentially(at('Shownpassword'));
  await page.check('#radio');
  await page.check('#check');
  await page.selectOption('#select', `p${at('Picked')}`);
  await page.selectOption('#pin', at('Pinoption'));
  await page.setInputFiles('#file', {
    name: `${at('Filename')}.txt`,
    mimeType: 'text/plain',
    buffer: Buffer.from(at('Filecontent')),
  });
  await page.locator('#editable').pressSequentially(at('Typededitable'));
  await page.frameLocator('#frame').locator('#in').fill(at('Typedframe'));
  await page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    const area = document.querySelector('#area')!;
    area.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
    area.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
    document.querySelector<HTMLTextAreaElement>('#area')!.focus();
    document.execCommand('insertText', false, text);
    document.execCommand('copy');
  }, at('Pasted'));
}

/** Places that the page's own code writes to; each key is a place. */
const WRITTEN = [
  'Latetext',
  'Lateattr',
  'Changedattr',
  'Changedstyle',
  'Changedword',
  'Setproperty',
  'Setword',
  'Csstextset',
  'Changedtext',
  'Setvalue',
  'Setattribute',
  'Areatext',
  'Changedhref',
  'Changedtitle',
  'Rootext',
  'Shadowtext',
  'Shadowattr',
  'Shadowinput',
  'Adopted',
  'Adoptedlater',
  'Insertrule',
  'Insertmarker',
  'Ruleproperty',
  'Rulepriority',
  'Replaced',
  'Latestyle',
  'Stylepieceone',
  'Stylepiecetwo',
  'Styletext',
  'Lateoption',
  'Latealt',
  'Latedata',
  'Lateblocked',
  'Lateblockedattr',
  'Lateblockedchild',
  'Latemasked',
  'Latemaskedattr',
  'Blockedroot',
  'Blockedinput',
  'Movedtext',
  'Movedback',
  'Consolelog',
  'Consoleerror',
  'Consoleobject',
  'Stored',
  'Cookie',
  'Pushquery',
  'Pushhash',
  'Pushpath',
  'Pushstate',
  'Errormessage',
  'Errorname',
  'Rejection',
  'Custommail',
  'Requestquery',
  'Requestpath',
  'Requestbody',
  'Requestheader',
  'Spanname',
  'Spanattribute',
  'Spanevent',
  'Cue',
  'Cueadded',
  'Opened',
  'Dialogtext',
  'Tabledata',
  'Framelater',
  'Framenavigated',
  'Nestedframe',
  'Worker',
  'Mutatedtwice',
  'Passwordnew',
  'Htmlset',
  'Svgchanged',
  'Svgtextchanged',
  'Validity',
  'Canvastext',
  'Selected',
  'Windowname',
  'Animation',
  'Fontname',
  'Splittext',
] as const;
type Words = Record<(typeof WRITTEN)[number], string>;

/** As the page: every way to write that the recorder could hear. */
export async function write(page: Page, { at }: Secrets): Promise<void> {
  const words = Object.fromEntries(WRITTEN.map((place) => [place, at(place)])) as Words;
  await page.evaluate(writeDom, words);
  await page.evaluate(writeStyles, words);
  await page.evaluate(writeFrames, words);
  await page.evaluate(speak, words);
}

/** These run in the page, and so can use nothing from here. */
function writeDom(words: Words): void {
  const q = <T extends Element>(selector: string): T => document.querySelector<T>(selector)!;
  const p = document.createElement('p');
  p.textContent = words.Latetext;
  p.title = words.Lateattr;
  q('#late').append(p);
  q('#late').setAttribute('aria-description', words.Changedattr);
  q('#text').firstChild!.nodeValue = words.Changedtext;
  q<HTMLInputElement>('#typed').value = words.Setvalue;
  q<HTMLInputElement>('#typed').setAttribute('value', words.Setattribute);
  q<HTMLInputElement>('#typed').setCustomValidity(words.Validity);
  q<HTMLTextAreaElement>('#area').textContent = words.Areatext;
  q('#link').setAttribute('href', `/z?x=${words.Changedhref}#${words.Changedhref}`);
  document.title = words.Changedtitle;
  window.name = words.Windowname;
  const root = q('#host').attachShadow({ mode: 'open' });
  root.append(words.Rootext);
  const inRoot = document.createElement('p');
  inRoot.textContent = words.Shadowtext;
  inRoot.title = words.Shadowattr;
  root.append(inRoot, document.createElement('input'));
  root.querySelector('input')!.value = words.Shadowinput;
  q('#late').innerHTML =
    `<option>${words.Lateoption}</option><img alt="${words.Latealt}" src="data:text/plain,${words.Latedata}">` +
    `<table><tr><td title="${words.Tabledata}"></td></tr></table><input type="password" value="${words.Passwordnew}">` +
    `<p data-replay-unmask><b data-replay-mask>${words.Htmlset}</b></p>`;
  q<HTMLInputElement>('#late input').type = 'text';
  q('#late-block').setAttribute('data-replay-block', '');
  q('#late-block-text').firstChild!.nodeValue = words.Lateblocked;
  q('#late-block-text').setAttribute('title', words.Lateblockedattr);
  q('#late-block').append(words.Lateblockedchild);
  q('#late-mask').setAttribute('data-replay-mask', '');
  q('#late-mask-text').firstChild!.nodeValue = words.Latemasked;
  q('#late-mask-text').setAttribute('title', words.Latemaskedattr);
  const blocked = q('#blocked-host').attachShadow({ mode: 'open' });
  blocked.innerHTML = `<p>${words.Blockedroot}</p><input>`;
  const input = blocked.querySelector('input')!;
  input.value = words.Blockedinput;
  input.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
  // Onto ground that may be read, and back, in one go; what it says is not said there.
  const moved = document.createElement('p');
  moved.textContent = words.Movedtext;
  q('#late').append(moved);
  q('[data-replay-unmask]').append(moved);
  q('#late').append(moved);
  moved.firstChild!.nodeValue = words.Movedback;
  moved.firstChild!.nodeValue = words.Mutatedtwice;
  (q('#text').firstChild as Text).splitText(3).nodeValue = words.Splittext;
  q<HTMLDialogElement>('#dialog').showModal();
  q('#dialog').append(words.Dialogtext);
  q<HTMLDialogElement>('#dialog').close(words.Opened);
  q('svg').setAttribute('name', words.Svgchanged);
  q('svg text').firstChild!.nodeValue = words.Svgtextchanged;
  const track = q<HTMLVideoElement>('video').addTextTrack('captions', words.Cue);
  track.addCue(new VTTCue(0, 9, words.Cueadded));
  const canvas = document.createElement('canvas');
  canvas.getContext('2d')!.fillText(words.Canvastext, 0, 10);
  canvas.title = words.Canvastext;
  q('#late').append(canvas);
  getSelection()!.selectAllChildren(q('#text'));
  document.body.setAttribute('data-selected', words.Selected);
  customElements.define('user-card', class extends HTMLElement {});
  q('user-card').setAttribute('mail', words.Custommail);
}

function writeStyles(words: Words): void {
  const q = <T extends Element>(selector: string): T => document.querySelector<T>(selector)!;
  const text = q<HTMLElement>('#text');
  q('#late').setAttribute(
    'style',
    `--x: "${words.Changedstyle}"; --y: ${words.Changedword}; --z: 'open`,
  );
  text.style.setProperty('--y', `"${words.Setproperty}"`);
  text.style.setProperty('--w', words.Setword);
  text.style.cssText = `color: red; --v: ${words.Csstextset}; content: "${words.Csstextset}"`;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`p::after { content: "${words.Adopted}" }`);
  q('#host').shadowRoot!.adoptedStyleSheets = [sheet];
  sheet.replaceSync(`p::after { content: "${words.Replaced}" }`);
  document.adoptedStyleSheets = [sheet];
  sheet.insertRule(`p::before { quotes: "${words.Adoptedlater}" "" }`);
  const style = q<HTMLStyleElement>('#style');
  const rules = style.sheet!;
  rules.insertRule(`.z::before { content: "${words.Insertrule}" }`);
  rules.insertRule(`.z::marker { content: "${words.Insertmarker}" }`);
  const rule = (rules.cssRules[0] as CSSStyleRule).style;
  rule.setProperty('--w', `"${words.Ruleproperty}"`);
  rule.setProperty('color', 'red', words.Rulepriority);
  const late = document.createElement('style');
  late.textContent = `.y::after { content: '${words.Latestyle}' }`;
  q('#late').append(late);
  // Not a rule, and so nothing that a browser would draw.
  late.firstChild!.nodeValue = `{ ${words.Styletext} }`;
  // A rule in two pieces of text, the second of which begins in the middle of a string.
  late.append(`.x::after { content: "${words.Stylepieceone}`, `and ${words.Stylepiecetwo}" }`);
  text.animate([{ '--k': `"${words.Animation}"` }, { '--k': '""' }] as Keyframe[], 1);
  document.fonts.add(new FontFace(words.Fontname, 'local("Arial")'));
}

async function writeFrames(words: Words): Promise<void> {
  const frame = document.querySelector<HTMLIFrameElement>('#frame')!;
  frame.contentDocument!.body.append(words.Framelater);
  const nested = frame.contentDocument!.createElement('iframe');
  frame.contentDocument!.body.append(nested);
  nested.contentDocument!.body.append(words.Nestedframe);
  const going = document.querySelector<HTMLIFrameElement>('#going')!;
  await new Promise((resolve) => {
    going.addEventListener('load', resolve, { once: true });
    going.srcdoc = `<title>t</title><p title="${words.Framenavigated}">${words.Framenavigated}</p>`;
  });
}

async function speak(words: Words): Promise<void> {
  const { replay, tracer } = window as unknown as {
    replay: { captureError(error: unknown): void };
    tracer: {
      startSpan(
        name: string,
        options: object,
      ): { addEvent(name: string, a: object): void; setStatus(s: object): void; end(): void };
    };
  };
  const log = globalThis['console'];
  log.log(words.Consolelog);
  log.error(words.Consoleerror, { who: words.Consoleobject });
  localStorage.setItem('x', words.Stored);
  document.cookie = `x=${words.Cookie}`;
  history.pushState(
    { who: words.Pushstate },
    '',
    `/users/${words.Pushpath}@example.com/8f14e45fceea167a?token=${words.Pushquery}#${words.Pushhash}`,
  );
  const error = new Error(words.Errormessage);
  error.name = `${words.Errorname} is text`;
  window.dispatchEvent(new ErrorEvent('error', { error, message: words.Errormessage }));
  window.dispatchEvent(
    new PromiseRejectionEvent('unhandledrejection', {
      promise: Promise.resolve(),
      reason: words.Rejection,
    }),
  );
  replay.captureError(error);
  const span = tracer.startSpan(words.Spanname, {
    attributes: { 'user.name': words.Spanattribute },
  });
  span.addEvent('exception', {
    'exception.message': words.Spanevent,
    'exception.stacktrace': words.Spanevent,
  });
  span.setStatus({ code: 2, message: words.Spanevent });
  span.end();
  await fetch(`/users/${words.Requestpath}@example.com/x?token=${words.Requestquery}`, {
    method: 'POST',
    headers: { 'x-user': words.Requestheader },
    body: words.Requestbody,
  });
  const script = URL.createObjectURL(new Blob([`postMessage("${words.Worker}")`]));
  await new Promise((resolve) => {
    new Worker(script, { name: words.Worker }).onmessage = resolve;
  });
}
