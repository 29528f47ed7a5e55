/**
 * A page that changes by a seed, recorded by rrweb in a real browser: elements that come, move within
 * and between documents, frames and shadow trees, and go, many at once or one by one; texts, attributes, inline styles, fields, shadow roots, adopted sheets, rules, scrolling and frames.
 */
import type { ReplayEvent } from '@otel-replay/protocol';
import type { Page } from 'playwright-core';
import { allowDescriptions, RRWEB_SCRIPT, type InPage } from './replayed.js';

const PAGE = `<!doctype html><title>changing</title>
<style>p { color: rgb(1, 2, 3); } #scroll { height: 60px; overflow: auto; }</style>
<div id="root"><p>first</p><textarea>typed</textarea><select><option>a<option>b</select></div>
<div id="scroll"><div style="height: 900px">long</div></div>`;

export interface Moment {
  /** Unix milliseconds; no event is of that time or of the one after. */
  time: number;
  /** What the page was, and where its nodes were. */
  lines: string[];
  structure: string[];
}

export interface Recorded {
  /** One snapshot at the start. */
  events: ReplayEvent[];
  /** The live page, when all was told of it; the last one is the end. */
  moments: Moment[];
}

/** A page that changes `steps` times. */
export async function recordChanges(page: Page, seed: number, steps: number): Promise<Recorded> {
  await page.setContent(PAGE);
  await page.addScriptTag({ path: RRWEB_SCRIPT });
  // Its text is none of the page's.
  await page.evaluate('document.querySelectorAll("script").forEach((script) => script.remove())');
  await allowDescriptions(page);
  return page.evaluate(changeInPage, { seed, steps });
}

async function changeInPage({ seed, steps }: { seed: number; steps: number }): Promise<Recorded> {
  const { rrweb, describeInPage, structureInPage } = globalThis as unknown as InPage;
  const events: ReplayEvent[] = [];
  let state = seed >>> 0;
  let count = 0;
  const random = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const pick = <T>(list: readonly T[]): T | undefined => list[random(list.length)];
  const root = document.getElementById('root')!;
  const all = (from: ParentNode): HTMLElement[] =>
    [...from.querySelectorAll<HTMLElement>('*')].flatMap((element) => [
      element,
      ...(element.shadowRoot ? all(element.shadowRoot) : []),
      ...(element instanceof HTMLIFrameElement && element.contentDocument?.body
        ? all(element.contentDocument.body)
        : []),
    ]);
  const some = (tags: RegExp): HTMLElement[] =>
    all(root).filter(({ localName }) => tags.test(localName));
  const make = (tag: string): HTMLElement => {
    const element = document.createElement(tag);
    element.id = `${tag}${count++}`;
    return element;
  };
  const put = (node: Node): void => {
    const found = pick([root, ...some(/^(div|p|section)$/)])!;
    const parent = found.shadowRoot && random(2) ? found.shadowRoot : found;
    // Not into itself, nor by way of a shadow tree.
    for (let at: Node | null = parent; at; at = at.parentNode ?? (at as ShadowRoot).host ?? null) {
      if (at === node) return;
    }
    const before = pick([null, ...parent.childNodes]) ?? null;
    if (before !== node) parent.insertBefore(node, before);
  };
  const attach = (): void => {
    const host = pick(some(/^(div|section)$/).filter(({ shadowRoot }) => !shadowRoot));
    const shadow = host?.attachShadow({ mode: 'open' });
    shadow?.append(make('p'), 'in the shadow');
    if (!shadow || shadow.ownerDocument !== document || random(2)) return;
    const sheet = new CSSStyleSheet();
    sheet.insertRule(`p { top: ${random(9)}px }`);
    shadow.adoptedStyleSheets = [sheet];
  };
  const move = (): void => {
    const from = pick(some(/^(div|p|b|section|style|input|textarea|iframe)$/));
    const node = random(4) === 0 ? pick([...(from?.childNodes ?? [])]) : from;
    if (node) put(node);
  };
  const addFrame = async (): Promise<void> => {
    if (root.querySelectorAll('iframe').length > 2) return;
    const frame = make('iframe') as HTMLIFrameElement;
    root.append(frame);
    frame.contentDocument!.body.append(make('p'), `in frame ${count}`);
    // rrweb looks at a frame when it has loaded.
    await new Promise((resolve) => setTimeout(resolve, 30));
  };
  const kinds: (() => void | Promise<void>)[] = [
    () => {
      const element = make(pick(['div', 'section', 'p'])!);
      element.append(`text ${count}`, make('b'));
      put(element);
    },
    () => move(),
    () => move(),
    () => pick(some(/^(div|p|b|section|style|input)$/))?.remove(),
    () => {
      const text = pick(some(/^(p|b|div)$/).flatMap(({ childNodes }) => [...childNodes]));
      if (text?.nodeType === 3) text.nodeValue = `changed ${count++}`;
    },
    () => pick(all(root))?.setAttribute('title', `title ${count++}`),
    () => pick(all(root))?.removeAttribute('title'),
    () => pick(all(root))?.classList.toggle(`c${random(4)}`),
    () => pick(some(/^(div|p)$/))?.style.setProperty('margin-left', `${random(50)}px`),
    () => pick(some(/^(div|p)$/))?.style.setProperty('color', pick(['red', 'blue', ''])!),
    () => pick(some(/^div$/))?.replaceChildren(make('p'), `new ${count++}`),
    attach,
    addFrame,
    () => {
      const input = make('input') as HTMLInputElement;
      input.type = pick(['text', 'checkbox'])!;
      put(input);
    },
    () => {
      const field = pick(some(/^(input|textarea|select)$/)) as HTMLInputElement | undefined;
      if (field === undefined) return;
      if (field.type === 'checkbox') field.checked = !field.checked;
      else field.value = field.localName === 'select' ? pick(['a', 'b'])! : `value ${count++}`;
      field.dispatchEvent(
        new Event(field.localName === 'select' ? 'change' : 'input', { bubbles: true }),
      );
    },
    () => {
      const style = make('style');
      style.textContent = `.c${random(4)} { left: ${random(99)}px }`;
      put(style);
    },
    () => {
      const sheet = (pick(some(/^style$/)) as HTMLStyleElement | undefined)?.sheet;
      sheet?.insertRule(`.r${count++} { top: 0px }`, random(sheet.cssRules.length + 1));
    },
    () => {
      const sheet = (pick(some(/^style$/)) as HTMLStyleElement | undefined)?.sheet;
      if (sheet && sheet.cssRules.length > 1) sheet.deleteRule(random(sheet.cssRules.length));
    },
    () => {
      document.getElementById('scroll')!.scrollTop = random(500);
    },
  ];
  const moments: Moment[] = [];
  const pause = (ms: number): Promise<unknown> => new Promise((done) => setTimeout(done, ms));
  const look = async (): Promise<void> => {
    // Scrolling and fields are told of with a delay.
    await pause(300);
    const structure = structureInPage(document, rrweb.record.mirror, false);
    moments.push({ time: Date.now() + 2, lines: describeInPage(document), structure });
    await pause(10);
  };
  const stop = rrweb.record({ emit: (event) => void events.push(event) });
  for (let step = 1; step <= steps; step++) {
    await pick(kinds)!();
    if (random(3) === 0) await pause(2);
    if (step % 20 === 0) await look();
  }
  stop();
  return { events: JSON.parse(JSON.stringify(events)) as ReplayEvent[], moments };
}
