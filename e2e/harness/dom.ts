/** A document as plain data, to compare what a person saw with what the replay shows. */
import type { Page } from 'playwright-core';

export interface DomNode {
  tag: string;
  attributes: Record<string, string>;
  /** Direct text, white space collapsed. */
  text: string;
  /** Live value of a form field. */
  value?: string;
  /** What a viewer may read: marked as public by the page. */
  shown: boolean;
  children: DomNode[];
}

/**
 * The body of the innermost document: the page itself, or in the viewer what is replayed. It is read
 * from outside, because no script runs in a replay.
 */
export function captureDom(page: Page): Promise<DomNode> {
  return page.evaluate(() => {
    const KEPT = ['id', 'class', 'type', 'role', 'for', 'name', 'disabled', 'hidden'];
    // Neither seen nor replayed.
    const SKIPPED = /^(script|noscript|style|link|template)$/;
    const collapse = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
    const read = (element: Element): DomNode => {
      const attributes: Record<string, string> = {};
      for (const name of KEPT) {
        const value = element.getAttribute(name);
        // The player marks what the pointer is over.
        if (value !== null) attributes[name] = collapse(value.replaceAll(/(^|\s):hover\b/g, ''));
      }
      if (attributes['class'] === '') delete attributes['class'];
      const texts = [...element.childNodes].filter((child) => child.nodeType === 3);
      const node: DomNode = {
        tag: element.tagName.toLowerCase(),
        attributes,
        text: collapse(texts.map((child) => child.nodeValue ?? '').join(' ')),
        shown: element.closest('[data-replay-unmask]') !== null,
        children: [...element.children]
          .filter((child) => !SKIPPED.test(child.tagName.toLowerCase()))
          .map(read),
      };
      if (node.tag === 'input') node.value = (element as HTMLInputElement).value;
      return node;
    };
    const innermost = (of: Document): Document => {
      for (const frame of of.querySelectorAll('iframe')) {
        if (frame.contentDocument?.body) return innermost(frame.contentDocument);
      }
      return of;
    };
    return read(innermost(document).body);
  });
}

export interface Difference {
  path: string;
  page: string;
  replay: string;
}

/**
 * Where the replay is not what the page was, apart from masks: public text is the same, any other
 * text holds nothing but mask characters where the page had something.
 */
export function compareDom(page: DomNode, replay: DomNode, path = page.tag): Difference[] {
  const differences: Difference[] = [];
  const differ = (what: string, a: string, b: string): void => {
    if (a !== b) differences.push({ path: `${path} ${what}`, page: a, replay: b });
  };
  differ('tag', page.tag, replay.tag);
  differ('attributes', sorted(page.attributes), sorted(replay.attributes));
  differ('text', page.shown ? page.text : masked(page.text), replay.text);
  if (page.value !== undefined && (page.value !== '' || replay.value !== '')) {
    differ(
      'value',
      'masked',
      /^\*+$/.test((replay.value ?? '').replaceAll(' ', '')) ? 'masked' : (replay.value ?? 'none'),
    );
  }
  differ('children', tags(page), tags(replay));
  for (const [i, child] of page.children.entries()) {
    const other = replay.children[i];
    if (other !== undefined) {
      differences.push(...compareDom(child, other, `${path} > ${child.tag}:${i}`));
    }
  }
  return differences;
}

/** How many elements, and how many with public text: a comparison of nothing proves nothing. */
export function countDom(node: DomNode): { elements: number; publicTexts: number } {
  const total = { elements: 1, publicTexts: node.shown && node.text !== '' ? 1 : 0 };
  for (const child of node.children) {
    const { elements, publicTexts } = countDom(child);
    total.elements += elements;
    total.publicTexts += publicTexts;
  }
  return total;
}

function masked(text: string): string {
  return text.replaceAll(/\S/gu, '*');
}

function sorted(attributes: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function tags(node: DomNode): string {
  return node.children.map((child) => child.tag).join(' ');
}
