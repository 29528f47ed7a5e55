/** Changes of a page as applications make them, in an order that a seed decides. */

export interface Changes {
  /** 0 to below `n`. */
  random(n: number): number;
  /** Makes the next change. */
  next(): void;
}

export function createChanges(seed: number, root: Element): Changes {
  let state = seed >>> 0;
  let count = 0;
  const random = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const pick = <T>(list: readonly T[]): T | undefined => list[random(list.length)];

  /** Elements of the page, of its shadow trees and of its frames. */
  function* all(from: ParentNode): Generator<Element> {
    for (const element of from.querySelectorAll('*')) {
      yield element;
      if (element.shadowRoot) yield* all(element.shadowRoot);
      if (element instanceof HTMLIFrameElement && element.contentDocument?.body) {
        yield element.contentDocument.body;
        yield* all(element.contentDocument.body);
      }
    }
  }
  const elements = (tag?: string): HTMLElement[] =>
    ([...all(root)] as HTMLElement[]).filter(({ localName }) => !tag || localName === tag);
  const place = (): ParentNode & Node => {
    const places = elements().filter(({ localName }) => /^(div|p|body)$/.test(localName));
    const found = pick([root as HTMLElement, ...places])!;
    return found.shadowRoot && random(2) ? found.shadowRoot : found;
  };
  const make = (tag: string): HTMLElement => {
    const element = document.createElement(tag);
    element.id = `${tag}${count++}`;
    return element;
  };
  const put = (element: Node): void => {
    const parent = place();
    const before = pick([null, ...parent.childNodes]) ?? null;
    try {
      parent.insertBefore(element, before);
    } catch {
      // Into itself, perhaps by way of a shadow tree.
    }
  };

  const kinds: (() => void)[] = [
    () => {
      const element = make(pick(['div', 'div', 'p'])!);
      element.append(`text ${count}`, make('b'));
      put(element);
    },
    () => {
      const element = make('div');
      put(element);
      element.append(`late ${count}`);
      element.className = 'late';
    },
    () => put(pick(elements()) ?? make('div')),
    () => pick(elements().filter((element) => element.localName !== 'body'))?.remove(),
    () => {
      const text = pick(elements().flatMap(({ childNodes }) => [...childNodes]));
      if (text?.nodeType === 3) text.nodeValue = `changed ${count++}`;
    },
    () => pick(elements())?.setAttribute('title', `title ${count++}`),
    () => pick(elements())?.removeAttribute('title'),
    () => pick(elements())?.style.setProperty('margin-left', `${random(50)}px`),
    () => pick(elements('div'))?.replaceChildren(make('p'), `new ${count++}`),
    () => {
      const host = pick(elements('div').filter(({ shadowRoot }) => !shadowRoot));
      host?.attachShadow({ mode: 'open' }).append(make('p'), 'in the shadow');
    },
    () => {
      const input = make(pick(['input', 'input', 'textarea'])!) as HTMLInputElement;
      if (input.localName === 'input') input.type = pick(['text', 'checkbox'])!;
      put(input);
    },
    () => {
      const input = pick([...elements('input'), ...elements('textarea')]) as HTMLInputElement;
      if (!input) return;
      if (input.type === 'checkbox') input.checked = !input.checked;
      else input.value = `value ${count++}`;
      input.dispatchEvent(new Event('input', { bubbles: true }));
    },
    () => {
      const style = make('style');
      style.textContent = `.late { color: rgb(1, 2, ${random(99)}) }`;
      put(style);
    },
    () => {
      const sheet = (pick(elements('style')) as HTMLStyleElement | undefined)?.sheet;
      sheet?.insertRule(`.r${count++} { top: 0px }`, random(sheet.cssRules.length + 1));
    },
    () => {
      const sheet = (pick(elements('style')) as HTMLStyleElement | undefined)?.sheet;
      if (sheet && sheet.cssRules.length > 1) sheet.deleteRule(random(sheet.cssRules.length));
    },
    () => {
      // Where there are frames, nothing is deferred.
      if (seed % 4 !== 3 && elements('iframe').length < 2) root.append(make('iframe'));
    },
    () => pick(elements('b'))?.click(),
  ];

  return { random, next: () => pick(kinds)!() };
}
