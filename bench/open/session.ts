/** An hour of a busy page as rrweb records it, made without a browser: the same for the same seed. */
import type { ReplayEvent } from '@otel-replay/protocol';
import { createReducer } from '@otel-replay/protocol/reduce';

export interface MadeSession {
  events: ReplayEvent[];
  /** Moments at which traces begin, Unix milliseconds. */
  moments: number[];
}

const ROWS = 60;
const COLUMNS = 8;
const CSS_RULES = 1200;

interface Node {
  type: number;
  id: number;
  tagName?: string;
  attributes?: Record<string, string>;
  childNodes?: Node[];
  textContent?: string;
}

/** @param from Unix milliseconds @param checkpointMs 0: only at the start */
export function makeSession(from: number, lengthMs: number, checkpointMs: number): MadeSession {
  const page = new Page(1);
  const events: ReplayEvent[] = [
    { type: 4, timestamp: from, data: { href: 'https://shop.example.com/orders', ...SIZE } },
    { type: 2, timestamp: from, data: { node: page.whole(), initialOffset: { top: 0, left: 0 } } },
  ];
  const reducer = createReducer();
  events.forEach((event) => reducer.apply(event));
  let checkpoint = from;
  for (let time = from + 250; time < from + lengthMs; time += 250) {
    if (checkpointMs > 0 && time - checkpoint >= checkpointMs) {
      checkpoint = time;
      // Those that rrweb would make hold the tree; what else is in force follows it.
      const made = structuredClone(reducer.snapshotAt(time - 1) ?? []);
      events.push(...made.map((event) => ({ ...event, timestamp: time })));
    }
    for (const data of page.change()) {
      const event = { type: 3, timestamp: time, data };
      events.push(event);
      reducer.apply(event);
    }
  }
  const moments = Array.from({ length: 8 }, (_, i) =>
    Math.round(from + ((i + 0.6) / 8) * lengthMs),
  );
  return { events, moments };
}

const SIZE = { width: 1280, height: 800 };

class Page {
  #state: number;
  #nextId = 1;
  #tick = 0;
  readonly #texts: number[][] = [];
  readonly #rows: Node[] = [];
  #body = 0;
  #field = 0;

  constructor(seed: number) {
    this.#state = seed;
  }

  whole(): Node {
    const css = Array.from(
      { length: CSS_RULES },
      (_, i) =>
        `.c${i} > .d${i % 97} { margin: ${i % 13}px ${i % 7}px; color: rgb(${i % 256}, ${(i * 7) % 256}, ${(i * 13) % 256}); }`,
    ).join('\n');
    const style = this.#element('style', { _cssText: css }, []);
    const field = this.#element('input', { type: 'text', value: '' }, []);
    this.#field = field.id;
    for (let row = 0; row < ROWS; row++) this.#rows.push(this.#row());
    const body = this.#element('tbody', {}, [...this.#rows]);
    this.#body = body.id;
    const table = this.#element('table', { class: 'orders' }, [body]);
    const html = this.#element('html', { lang: 'en' }, [
      this.#element('head', {}, [style]),
      this.#element('body', {}, [this.#element('header', {}, [field]), table]),
    ]);
    return { type: 0, id: this.#nextId++, childNodes: [html] };
  }

  /** What happens in a quarter of a second. */
  change(): object[] {
    this.#tick++;
    const found: object[] = [];
    if (this.#tick % 4 === 0) found.push(this.#newFigures());
    if (this.#tick % 20 === 0) found.push(this.#newRows(6));
    if (this.#tick % 2 === 0 && this.#random(3) > 0) found.push(this.#pointer());
    if (this.#tick % 240 < 24) {
      const text = 'a search for orders'.slice(0, this.#tick % 24);
      found.push({ source: 5, text, isChecked: false, id: this.#field });
    }
    return found;
  }

  #newFigures(): object {
    const texts = Array.from({ length: 60 }, () => {
      const row = this.#texts[this.#random(this.#texts.length)] ?? [];
      return { id: row[this.#random(row.length)] ?? 0, value: this.#word() };
    });
    return { source: 0, texts, attributes: [], removes: [], adds: [] };
  }

  #newRows(count: number): object {
    const removes: object[] = [];
    const adds: object[] = [];
    for (let i = 0; i < count; i++) {
      const gone = this.#rows.shift();
      this.#texts.shift();
      if (gone !== undefined) removes.push({ parentId: this.#body, id: gone.id });
      const row = this.#row();
      this.#rows.push(row);
      addsOf(row, this.#body, adds);
    }
    return { source: 0, texts: [], attributes: [], removes, adds };
  }

  #pointer(): object {
    const positions = Array.from({ length: 5 }, (_, i) => ({
      x: this.#random(SIZE.width),
      y: this.#random(SIZE.height),
      id: this.#body,
      timeOffset: (i - 5) * 50,
    }));
    return { source: 1, positions };
  }

  #row(): Node {
    const ids: number[] = [];
    const cells = Array.from({ length: COLUMNS }, (_, i) => {
      const text: Node = { type: 3, id: this.#nextId++, textContent: this.#word() };
      ids.push(text.id);
      return this.#element('td', { class: `c${this.#random(CSS_RULES)} cell-${i}` }, [text]);
    });
    this.#texts.push(ids);
    return this.#element('tr', { class: 'row' }, cells);
  }

  #element(tagName: string, attributes: Record<string, string>, childNodes: Node[]): Node {
    return { type: 2, id: this.#nextId++, tagName, attributes, childNodes };
  }

  #word(): string {
    return `${this.#random(100_000)} ${WORDS[this.#random(WORDS.length)] ?? ''}`;
  }

  #random(n: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * n);
  }
}

const WORDS = ['open', 'paid', 'shipped', 'returned', 'on hold', 'lost', 'waiting', 'cancelled'];

/** As rrweb tells of them: each node for itself, parents first, at the end of their parent. */
function addsOf(node: Node, parentId: number, adds: object[]): void {
  const { childNodes, ...own } = node;
  adds.push({
    parentId,
    nextId: null,
    node: childNodes === undefined ? own : { ...own, childNodes: [] },
  });
  for (const child of childNodes ?? []) addsOf(child, node.id, adds);
}
