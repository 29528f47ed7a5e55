/**
 * States that neither an event nor an attribute tells of: style sheets that a script switched off, and
 * custom states (`:state()`). They are asked for, once a second, by what the browser itself answers:
 * nothing of the page is patched. Custom states cost nothing where no style sheet asks for them.
 */
import { customElementsRead, FULL_SNAPSHOT, INCREMENTAL, listen, MUTATION } from '../shared.js';
import type { Recording } from '../recording.js';

/** The player knows it; others show the element without its states, as they always did. */
const STATE_ATTRIBUTE = 'data-replay-state';
const LOOK_MS = 1000;
const MAX_ELEMENTS = 500;
const MAX_NAMES = 20;
const STATE = /:state\(\s*([-\w\u00a0-\uffff]+)\s*\)/g;

/** Returns how to stop. */
export function recordSilentStates(recording: Recording): () => void {
  const { guard, mirror } = recording;
  const told = new Map<number, string | null>();
  let names: readonly string[] = [];
  let elements: readonly WeakRef<Element>[] = [];
  /** The page is not what it was when it was looked through. */
  let changed = true;

  /** @param usual what is recorded of it without being told */
  const tell = (node: Node, name: string, value: string | null, usual: string | null): void => {
    const id = mirror.getId(node);
    if (id < 0 || (told.has(id) ? told.get(id) : usual) === value) return;
    told.set(id, value);
    recording.add({
      type: INCREMENTAL,
      timestamp: Date.now(),
      data: {
        ...{ source: MUTATION, texts: [], removes: [], adds: [] },
        attributes: [{ id, attributes: { [name]: value } }],
      },
    });
  };

  function tellSheets(): void {
    for (const { ownerNode, disabled } of document.styleSheets) {
      if (!(ownerNode instanceof Element)) continue;
      const media = ownerNode.getAttribute('media');
      tell(ownerNode, 'media', disabled ? 'not all' : media, media);
    }
  }

  function tellStates(): void {
    for (const reference of elements) {
      const element = reference.deref();
      if (!element?.isConnected) continue;
      const held = names.filter((name) => element.matches(`:state(${name})`)).join(' ');
      tell(element, STATE_ATTRIBUTE, held || null, null);
    }
  }

  function look(): void {
    if (!recording.isLive() || document.hidden) return;
    if (changed) {
      changed = false;
      const found = customElementsRead.any ? customElementsOf(document) : [];
      names = statesOf(found);
      elements = names.length > 0 ? found.map((element) => new WeakRef(element)) : [];
    }
    tellSheets();
    tellStates();
  }

  const stopEvents = recording.on('event', ({ type, data }) => {
    if (type === FULL_SNAPSHOT) told.clear();
    changed ||=
      type === FULL_SNAPSHOT ||
      (data['source'] === MUTATION && (data['adds'] as Added[]).some(mayMatter));
  });
  const timer = setInterval(guard.wrap('states', look), LOOK_MS);
  // What led to a trigger is shown as it was.
  const stopClicks = listen(
    document,
    'click',
    guard.wrap('states', () => setTimeout(guard.wrap('states', look))),
  );
  guard.run('states', look);
  return () => {
    clearInterval(timer);
    stopEvents();
    stopClicks();
  };
}

interface Added {
  node: { tagName?: string };
}

/** A custom element, or a sheet that may ask for its states: nothing else is a reason to look again. */
function mayMatter({ node: { tagName = '' } }: Added): boolean {
  return tagName.includes('-') || tagName === 'style' || tagName === 'link';
}

/** Only these can have states. */
function customElementsOf(root: Document): Element[] {
  const found: Element[] = [];
  const walker = root.createTreeWalker(root, NodeFilter.SHOW_ELEMENT);
  for (
    let node = walker.nextNode();
    node && found.length < MAX_ELEMENTS;
    node = walker.nextNode()
  ) {
    if ((node as Element).localName.includes('-')) found.push(node as Element);
  }
  return found;
}

/** That some style sheet of the page, or of an open shadow root of these, asks for. */
function statesOf(elements: readonly Element[]): string[] {
  if (elements.length === 0) return [];
  const sheets = new Set<CSSStyleSheet>();
  for (const root of [document, ...elements.map((element) => element.shadowRoot)]) {
    for (const sheet of [...(root?.styleSheets ?? []), ...(root?.adoptedStyleSheets ?? [])]) {
      sheets.add(sheet);
    }
  }
  const names = new Set<string>();
  for (const sheet of sheets) {
    for (const text of selectorsOf(sheet)) {
      for (const [, name] of text.matchAll(STATE)) names.add(name!);
    }
  }
  return [...names].slice(0, MAX_NAMES);
}

function selectorsOf(sheet: CSSStyleSheet | CSSGroupingRule): string[] {
  let rules: CSSRuleList;
  try {
    rules = sheet.cssRules;
  } catch {
    return []; // of another origin
  }
  return [...rules].flatMap((rule) => {
    const own = 'selectorText' in rule ? [String(rule.selectorText)] : [];
    return 'cssRules' in rule ? [...own, ...selectorsOf(rule as CSSGroupingRule)] : own;
  });
}
