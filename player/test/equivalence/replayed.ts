/**
 * What rrweb shows of events at a moment, as lines: tags, attributes, values of fields, scroll
 * positions, the rules that live in style sheets, shadow roots and frames. Functions that are named
 * `…InPage` run in the browser, where rrweb's script is.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ReplayEvent } from '@otel-replay/protocol';
import type { Page } from 'playwright-core';
import { mendMoves, type Mendable } from '../../src/engine/playback/mend-moves.js';
import { structureInPage, type Mirror } from './structure.js';

/** rrweb as one script, which makes the global `rrweb`. */
export const RRWEB_SCRIPT = join(
  dirname(createRequire(import.meta.url).resolve('rrweb')),
  'rrweb.umd.min.cjs',
);

export interface Shown {
  /** Unix milliseconds: what was before is applied. */
  time: number;
  /** Default true, as rrweb. */
  useVirtualDom?: boolean;
  /** Where nodes are, by their ids, rather than what they are; default false. */
  isStructure?: boolean;
  /** With rrweb's faults about nodes that move between trees mended, as the player does. */
  isMended?: boolean;
}

/** An empty page with rrweb. */
export async function openReplayPage(page: Page): Promise<void> {
  await page.goto('about:blank');
  await page.setContent('<!doctype html><title>replay</title><div id="stage"></div>');
  await page.addScriptTag({ path: RRWEB_SCRIPT });
  await allowDescriptions(page);
}

/** The page must have a document of its own already. */
export async function allowDescriptions(page: Page): Promise<void> {
  // Some compilers of TypeScript wrap functions in it.
  await page.evaluate('globalThis.__name = (value) => value');
  await page.evaluate(`globalThis.structureInPage = ${structureInPage.toString()}`);
  await page.evaluate(`globalThis.mendMoves = ${mendMoves.toString()}`);
  await page.evaluate(`globalThis.describeInPage = ${describeInPage.toString()}`);
}

/** Hands events to the page once; {@link showReplay} refers to them by name. */
export async function giveEvents(
  page: Page,
  name: string,
  events: readonly ReplayEvent[],
): Promise<void> {
  await page.evaluate(
    ([key, json]) => {
      (globalThis as unknown as Record<string, unknown>)[key!] = json;
    },
    [`events-${name}`, JSON.stringify(events)],
  );
}

/** The replayed document at `time`, as lines. */
export function showReplay(page: Page, name: string, shown: Shown): Promise<string[]> {
  return page.evaluate(showInPage, { name: `events-${name}`, useVirtualDom: true, ...shown });
}

/** What the functions that run in the browser find there. */
export interface InPage {
  rrweb: {
    Replayer: new (events: ReplayEvent[], config: unknown) => InPageReplayer;
    record: {
      (options: { emit: (event: ReplayEvent) => void }): () => void;
      mirror: Mirror;
    };
  };
  describeInPage(this: void, document: Document, replayed?: Mirror): string[];
  structureInPage(this: void, document: Document, mirror: Mirror, isReplay: boolean): string[];
  mendMoves(this: void, replayer: Mendable): void;
}

export interface InPageReplayer extends Omit<Mendable, 'getMirror'> {
  getMirror(): ReturnType<Mendable['getMirror']> & Mirror;
  iframe: HTMLIFrameElement;
  pause(offset: number): void;
  destroy(): void;
}

async function showInPage(shown: {
  name: string;
  time: number;
  useVirtualDom: boolean;
  isStructure?: boolean;
  isMended?: boolean;
}): Promise<string[]> {
  const world = globalThis as unknown as InPage & Record<string, string>;
  const events = JSON.parse(world[shown.name]!) as ReplayEvent[];
  const replayer = new world.rrweb.Replayer(events, {
    root: document.getElementById('stage'),
    showWarning: false,
    mouseTail: false,
    useVirtualDom: shown.useVirtualDom,
  });
  if (shown.isMended) world.mendMoves(replayer);
  replayer.pause(shown.time - events[0]!.timestamp);
  const painted = (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
  await painted();
  await painted();
  const replayed = replayer.iframe.contentDocument!;
  const lines = shown.isStructure
    ? world.structureInPage(replayed, replayer.getMirror(), true)
    : world.describeInPage(replayed, replayer.getMirror());
  replayer.destroy();
  return lines;
}

/** @param replayed the ids of a replay, in which nodes that rrweb adds of its own have none */
function describeInPage(top: Document, replayed?: Mirror): string[] {
  const lines: string[] = [];
  const line = (depth: number, text: string): void => void lines.push(' '.repeat(depth) + text);
  const rules = (sheet: CSSStyleSheet, depth: number): void => {
    for (const rule of sheet.cssRules) line(depth, `{} ${rule.cssText}`);
  };
  const classes = (value: string): string =>
    value
      .split(/\s+/)
      .filter((name) => name !== '' && name !== ':hover' && name !== 'rrweb-paused')
      .sort()
      .join(' ');
  const attribute = (element: HTMLElement, name: string, value: string): string => {
    if (name === 'class') return `class=${classes(value)}`;
    return `${name}=${name === 'style' ? element.style.cssText : value}`;
  };
  const element = (node: HTMLElement, depth: number): void => {
    const field = node as HTMLInputElement;
    const isField = /^(input|textarea|select|option)$/.test(node.localName);
    // Of fields the properties count, which rrweb tells of by attributes.
    const isOwn = (name: string): boolean =>
      !name.startsWith('rr_') && !(isField && /^(value|checked|selected|autocomplete)$/.test(name));
    const attributes = [...node.attributes]
      .filter(({ name }) => isOwn(name))
      .map(({ name, value }) => attribute(node, name, value))
      .filter((text) => text !== 'class=' && text !== 'style=')
      .sort();
    const isOn =
      field.checked || (node as HTMLElement & Partial<HTMLOptionElement>).selected || false;
    const value = isField ? ` value=${field.value} on=${isOn}` : '';
    const scroll =
      node.scrollTop || node.scrollLeft ? ` @${node.scrollLeft},${node.scrollTop}` : '';
    line(depth, `<${node.localName} ${attributes.join(' ')}>${value}${scroll}`);
    const { sheet } = node as HTMLStyleElement;
    if (node.localName === 'style' && sheet) return rules(sheet, depth + 1);
    if (node.localName === 'textarea') return;
    if (node.shadowRoot) {
      line(depth + 1, '#shadow');
      for (const own of node.shadowRoot.adoptedStyleSheets) rules(own, depth + 2);
      for (const child of node.shadowRoot.childNodes) visit(child, depth + 2);
    }
    for (const child of node.childNodes) visit(child, depth + 1);
    const inner = (node as HTMLIFrameElement).contentDocument;
    if (inner && node.localName === 'iframe') visit(inner, depth + 1);
  };
  const visit = (node: Node, depth: number): void => {
    if (node.nodeType === 9) {
      const { defaultView, adoptedStyleSheets } = node as Document;
      line(depth, `#document @${defaultView?.scrollX},${defaultView?.scrollY}`);
      for (const sheet of adoptedStyleSheets) rules(sheet, depth + 1);
      for (const child of node.childNodes) visit(child, depth + 1);
    } else if (replayed !== undefined && replayed.getId(node) < 0) return;
    else if (node.nodeType === 1) element(node as HTMLElement, depth);
    else if (node.nodeType === 3) line(depth, JSON.stringify(node.textContent));
    else line(depth, `#${node.nodeType} ${node.textContent}`);
  };
  visit(top, 0);
  return lines;
}
