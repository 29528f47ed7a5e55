/** Records the same page twice: with rrweb as it was published, and as this package has it. */
import { record as published } from '@rrweb/record';
import { record as lean } from '../../../src/record/rrweb.js';
import { createNodeReader } from '../../../src/record/serialize.js';
import type { RrwebEvent } from '../../../src/record/rrweb.js';

export interface ReadingPage {
  start(): void;
  /** Changes the page, in one task each time. */
  change(seed: number, tasks: number): Promise<void>;
  /** What was told of the page's tree: by whom, as JSON. */
  told(): Promise<{ published: string[]; lean: string[] }>;
  /** How many nodes our own code has read. */
  reads(): number;
}

const TREE = new Set([0, 15]);
const OPTIONS = {
  blockSelector: '.rr-block,[data-replay-block]',
  maskInputOptions: { input: true, textarea: true, select: true },
  maskInputFn: (text: string): string => '*'.repeat(text.length),
  maskTextSelector: '*',
  maskTextFn: (text: string): string => text,
  slimDOMOptions: 'all' as const,
  sampling: { mousemoveCallback: 500, scroll: 100 },
};

const events: Record<'published' | 'lean', RrwebEvent[]> = { published: [], lean: [] };
let reads = 0;

const nextTask = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

const page = globalThis as unknown as ReadingPage;

page.start = () => {
  const read = createNodeReader(lean.internals!);
  if (read) {
    lean.serializeNode = (node, options) => {
      reads++;
      return read(node, options);
    };
  }
  (published as unknown as typeof lean)({
    ...OPTIONS,
    emit: (event) => events.published.push(event),
  });
  lean({ ...OPTIONS, emit: (event) => events.lean.push(event) });
};

page.reads = () => reads;

page.told = async () => {
  // Frames and sheets are told of a little later.
  for (let i = 0; i < 5; i++) await nextTask();
  const tell = (all: RrwebEvent[]): string[] =>
    all
      .filter(({ type, data }) => type === 2 || (type === 3 && TREE.has(data['source'] as number)))
      .map(({ data }) => JSON.stringify(data, sorted));
  return { published: tell(events.published), lean: tell(events.lean) };
};

/** The order of an object's keys says nothing. */
function sorted(_key: string, value: unknown): unknown {
  return value && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value;
}

const SVG = 'http://www.w3.org/2000/svg';
const TAGS =
  'div div div p span ul li a table tr td h1 section button label img form input textarea select option style script noscript details dialog progress b my-thing picture source slot template pre';
const SVG_TAGS = 'svg g path circle linearGradient a style text foreignObject svg:rect title';
const NAMES =
  'class id href src style data-x title alt background srcset value type name checked viewBox HREF role data-replay-block';
const VALUES = [
  '',
  'one',
  '/a/b?c=d#e',
  'color: red',
  "background: url('x.png')",
  'a.png 1x, b.png 2x',
  'checkbox',
  'rr-block',
  'é 😀',
];

function randomOf(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return (state >>> 8) % limit;
  };
}

page.change = async (seed, tasks) => {
  const below = randomOf(seed);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;

  function make(depth: number, inSvg: boolean): Node {
    if (below(3) === 0) return below(9) ? new Text(pick(VALUES) + ' text') : new Comment('comment');
    const svg = inSvg ? below(8) > 0 : below(8) === 0;
    const tag = pick((svg ? SVG_TAGS : TAGS).split(' '));
    const made = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
    for (let i = below(4); i > 0; i--) {
      const name = pick(NAMES.split(' '));
      if (name === 'data-replay-block' && below(4)) continue;
      if (/[A-Z]/.test(name)) made.setAttributeNS(null, name, pick(VALUES));
      else made.setAttribute(name, pick(VALUES));
    }
    if (depth > 0) for (let i = below(5); i > 0; i--) made.append(make(depth - 1, svg));
    if (!svg && /^(div|section|my-thing)$/.test(tag) && below(5) === 0) {
      const shadow = made.attachShadow({ mode: below(3) ? 'open' : 'closed' });
      for (let i = below(4); i > 0; i--) shadow.append(make(depth - 1, false));
    }
    return made;
  }

  for (let task = 0; task < tasks; task++) {
    const all = [...document.body.querySelectorAll('*')];
    const any = (): Element => (all.length > 0 ? pick(all) : document.body);
    for (let i = below(6) + 1; i > 0; i--) {
      const target = below(3) ? document.body : any();
      const kind = below(8);
      if (kind < 4) target.append(make(3, target.namespaceURI === SVG));
      else if (kind === 4) any().remove();
      else if (kind === 5) {
        const moved = any();
        if (!moved.contains(target)) target.prepend(moved);
      } else if (kind === 6) target.setAttribute('class', pick(VALUES));
      else if (target.shadowRoot) target.shadowRoot.append(make(2, false));
      else if (target !== document.body) target.textContent = pick(VALUES);
    }
    await nextTask();
  }
};
