/**
 * Random pages with secrets in everything, and random things that happen to them: nothing leaks. A
 * failure names its seed.
 */
import fc from 'fast-check';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';
import { everythingSent } from '../../support/secrets.js';

const run = scenario(import.meta.url, {
  html: '<!doctype html><title>t</title><body><p data-replay-unmask>Public</p><div id="at"></div><script src="/app.js"></script></body>',
});

/** So many, from a new seed each time; without it the same few. */
const RUNS = process.env['FUZZ_RUNS'];

const TAGS =
  'p div span a b li td button label option select textarea input output progress meter details summary dialog fieldset legend time data q del img video audio object svg text title desc path use image math mi iframe style template noscript user-card form ruby caption th'.split(
    ' ',
  );
const NAMES =
  'title alt placeholder aria-label aria-description aria-valuetext aria-roledescription data-x data-name value label content summary abbr customer href src srcset action formaction poster cite data background download ping style min max pattern list accept datetime headers usemap onclick srcdoc nonce rr_src rr_dataurl rr_width xlink:href xlink:title fill d from to data-replay-note caption'.split(
    ' ',
  );
const VALUES: readonly ((word: string) => string)[] = [
  (word) => word,
  (word) => `/x?${word}#${word}`,
  (word) => `https://me:${word}@x.example/?q=${word}`,
  (word) => `data:text/plain,${word}`,
  (word) => `mailto:${word}@x.example`,
  (word) => `/u/${word}@x.example/y`,
  (word) => `--x: "${word}"; background: url("/x?${word}"); content: '${word}`,
  (word) => `true ${word}`,
];
const SHEETS: readonly ((word: string) => string)[] = [
  (word) => `.x::after { content: "${word}" }`,
  (word) => `.x { quotes: '${word}' ''; --y: "${word}"; background: url(/x?${word}) }`,
  (word) => `.x::marker { content: counter(x) "${word}" } /* ${word} */`,
  (word) => `@media print { .x { list-style-type: "${word}"; text-overflow: "${word}" } }`,
  (word) => `@counter-style y { system: cyclic; symbols: "${word}" }`,
  (word) => `.x { background-image: image-set("/x?${word}" 1x) } .y { content: "a\\"${word}" }`,
];

interface Piece {
  tag: string;
  attributes: [name: string, value: number][];
  rule: '' | 'mask' | 'block' | 'ignore';
  root: boolean;
  children: Piece[];
}
type Act = { act: string; at: number; other: number; how: number };

const piece = fc.memo((depth): fc.Arbitrary<Piece> =>
  fc.record({
    tag: fc.constantFrom(...TAGS),
    attributes: fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.nat({ max: VALUES.length - 1 })), {
      maxLength: 4,
    }),
    rule: fc.constantFrom('', '', '', '', 'mask', 'block', 'ignore'),
    root: fc.boolean(),
    children: depth > 1 ? fc.array(piece(depth - 1), { maxLength: 3 }) : fc.constant([]),
  }),
);
const ACTS =
  'text attribute html move remove style property sheet rule adopt input type choose check title push select frame split rules clone error log wait'.split(
    ' ',
  );
const act: fc.Arbitrary<Act> = fc.record({
  act: fc.constantFrom(...ACTS),
  at: fc.nat(),
  other: fc.nat(),
  how: fc.nat(),
});
const story = fc.record({
  page: fc.array(piece(3), { minLength: 4, maxLength: 8 }),
  acts: fc.array(act, { minLength: 10, maxLength: 30 }),
});

/** Runs in the page. Each secret is a word of its own, so that a leak says what was leaked. */
async function play(args: {
  page: Piece[];
  acts: Act[];
  names: string[];
  attributeValues: string[];
  sheets: string[];
}): Promise<void> {
  const { page, acts, names, attributeValues, sheets } = args;
  const counter = window as unknown as { word?: number };
  const word = (place: string): string => `Zx${place}${(counter.word = (counter.word ?? 0) + 1)}Qv`;
  const fill = (template: string, place: string): string =>
    template.replaceAll('WORD', word(place));
  const stage = document.querySelector('#at')!;
  const all: Element[] = [];
  const quiet = (run: () => void): void => {
    try {
      run();
    } catch {
      // The page's own misuse of the DOM.
    }
  };
  const build = (piece: Piece, parent: Node, svg: boolean): void => {
    const inSvg = svg || piece.tag === 'svg';
    const element = inSvg
      ? document.createElementNS('http://www.w3.org/2000/svg', piece.tag)
      : document.createElement(piece.tag);
    if (piece.rule) element.setAttribute(`data-replay-${piece.rule}`, word('rule'));
    for (const [name, value] of piece.attributes) {
      quiet(() =>
        element.setAttribute(
          name,
          fill(attributeValues[value]!, `${piece.tag}${name.replace(/\W/g, '')}`),
        ),
      );
    }
    element.append(
      piece.tag === 'style' ? fill(sheets[0]!, 'style') : word(piece.tag.replace('-', '')),
    );
    all.push(element);
    parent.appendChild(element);
    let inside: Node = element;
    if (piece.root) quiet(() => (inside = element.attachShadow({ mode: 'open' })));
    if (inside !== element) inside.appendChild(document.createTextNode(word('root')));
    for (const child of piece.children)
      build(child, inside, inSvg && piece.tag !== 'foreignObject');
  };
  for (const some of page) build(some, stage, false);
  const acted: Record<string, (element: Element, other: Element, how: number) => unknown> = {
    text: (element) => (element.firstChild!.nodeValue = word('text')),
    attribute: (element, _other, how) => {
      const name = names[how % names.length]!;
      element.setAttribute(
        name,
        fill(attributeValues[how % attributeValues.length]!, `set${name.replace(/\W/g, '')}`),
      );
    },
    html: (element) =>
      (element.innerHTML = `<b title="${word('htmltitle')}">${word('html')}</b><input value="${word('htmlvalue')}"><style>${fill(sheets[1]!, 'htmlstyle')}</style>`),
    move: (element, other) => other.append(element),
    remove: (element) => element.remove(),
    style: (element, _other, how) =>
      element.setAttribute(
        'style',
        fill(`--a: WORD; content: "WORD"; --b: 'WORD`, `style${how % 9}`),
      ),
    property: (element) => (element as HTMLElement).style.setProperty('--p', word('property')),
    sheet: (_element, _other, how) => {
      const style = document.createElement('style');
      style.append(fill(sheets[how % sheets.length]!, 'sheet'), fill(sheets[0]!, 'sheettwo'));
      document.head.append(style);
    },
    rule: (_element, _other, how) =>
      document.querySelector('style')!.sheet!.insertRule(fill(sheets[how % 2]!, 'inserted')),
    adopt: (element, _other, how) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(fill(sheets[how % sheets.length]!, 'adopted'));
      (element.shadowRoot ?? document).adoptedStyleSheets = [sheet];
      sheet.replaceSync(fill(sheets[how % sheets.length]!, 'replaced'));
    },
    input: (element) => {
      const field = element.closest('input, textarea') as HTMLInputElement;
      field.value = word('set');
      field.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true }));
    },
    type: (element) => {
      (element as HTMLInputElement).focus();
      document.execCommand('insertText', false, word('typed'));
    },
    choose: (element) => ((element as HTMLOptionElement).selected = true),
    check: (element) => ((element as HTMLInputElement).checked = true),
    title: () => (document.title = word('doctitle')),
    push: () =>
      history.pushState(word('state'), '', `/p/${word('path')}@x.example?x=${word('query')}`),
    select: (element) => getSelection()!.selectAllChildren(element),
    frame: (element) => {
      const frame = document.createElement('iframe');
      frame.name = word('framename');
      element.append(frame);
      frame.contentDocument!.body.append(word('frame'));
      frame.contentDocument!.body.title = word('frametitle');
    },
    split: (element) => {
      const rest = (element.firstChild as Text).splitText(2);
      rest.nodeValue = word('split');
    },
    rules: (element, _other, how) => {
      const name = ['data-replay-mask', 'data-replay-block', 'data-replay-ignore'][how % 3]!;
      element.toggleAttribute(name);
    },
    clone: (element, other) => other.append(element.cloneNode(true)),
    error: () =>
      window.dispatchEvent(
        new ErrorEvent('error', { error: new Error(word('error')), message: word('message') }),
      ),
    log: () => globalThis['console'].warn(word('log'), { who: word('logged') }),
    wait: () => undefined,
  };
  for (const { act, at, other, how } of acts) {
    quiet(() => void acted[act]!(all[at % all.length]!, all[other % all.length]!, how));
    if (act === 'wait') await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function leaksOf(page: Page): Promise<string[]> {
  await page.evaluate('replay.forceFlush()');
  const found = await everythingSent(run.ingest);
  const leaks = new Set<string>();
  for (const { where, bytes } of found) {
    for (const [leak] of bytes.toString('latin1').matchAll(/Zx\w+?Qv/g))
      leaks.add(`${leak}: ${where}`);
  }
  return [...leaks];
}

test('nothing of random pages leaks, whatever happens in them', { timeout: 300_000 }, async () => {
  let seen = 0;
  await fc.assert(
    fc.asyncProperty(story, async (told) => {
      run.ingest.requests.length = 0;
      const page = await run.open();
      try {
        await page.evaluate(play, {
          ...told,
          names: NAMES,
          attributeValues: VALUES.map((value) => value('WORD')),
          sheets: SHEETS.map((sheet) => sheet('WORD')),
        });
        await page.evaluate('replay.stop(); replay.start()');
        expect(await leaksOf(page)).toEqual([]);
        seen += run.ingest.segments.reduce((sum, { header }) => sum + header.eventCount, 0);
      } finally {
        await page.close();
      }
    }),
    { numRuns: Number(RUNS ?? 8), endOnFailure: true, ...(!RUNS && { seed: 20_261_121 }) },
  );
  // It must have looked at something.
  expect(seen).toBeGreaterThan(30);
});
