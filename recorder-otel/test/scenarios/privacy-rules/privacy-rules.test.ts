/** What the rules let through, in a real browser, against a model of them that fits a screen. */
import fc from 'fast-check';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { scenario } from '../../support/scenario.js';
import { flat, numbered, sights, trees, type Branch, type Sight } from './tree.js';

const run = scenario(import.meta.url, {
  html: `<!doctype html><title>t</title><body><div id="first"></div><div id="second"></div>
    <script src="/app.js"></script></body>`,
});

/** Runs in the page: builds trees, and says the words of each node in text and an attribute. */
function build({ forest, root, words }: { forest: Branch[]; root: string; words: string }): void {
  const nodes = ((window as unknown as { nodes?: Map<number, Element> }).nodes ??= new Map());
  const grow = (branch: Branch, parent: Node, document: Document): void => {
    const frame = branch.inside === 'frame' && branch.children.length > 0;
    const element = document.createElement('div');
    nodes.set(branch.id, element);
    for (const rule of branch.rules) {
      if (rule.length > 4 || rule === 'mask') element.setAttribute(`data-replay-${rule}`, '');
      else element.classList.add(rule);
    }
    element.title = `title${words}${branch.id}e`;
    element.append(`text${words}${branch.id}e`);
    parent.appendChild(element);
    if (frame) {
      const inner = document.createElement('iframe');
      element.append(inner);
      const content = inner.contentDocument!;
      for (const child of branch.children) grow(child, content.body, content);
    } else if (branch.inside === 'open root') {
      const shadow = element.attachShadow({ mode: 'open' });
      for (const child of branch.children) grow(child, shadow, document);
    } else for (const child of branch.children) grow(child, element, document);
  };
  for (const tree of forest) grow(tree, document.querySelector(root)!, document);
}

/** Runs in the page: new words in the same places. */
function say(words: string): void {
  for (const [id, element] of (window as unknown as { nodes: Map<number, Element> }).nodes) {
    element.setAttribute('title', `title${words}${id}e`);
    element.firstChild!.nodeValue = `text${words}${id}e`;
  }
}

/** Runs in the page: moves nodes below others, which is where they are from then on. */
function move(moves: [child: number, parent: number][]): void {
  const { nodes } = window as unknown as { nodes: Map<number, Element> };
  for (const [child, parent] of moves) nodes.get(parent)!.append(nodes.get(child)!);
}

async function recorded(page: Page): Promise<string> {
  await page.evaluate('replay.forceFlush()');
  return JSON.stringify(await run.ingest.events());
}

function expectOnlyAllowed(
  events: string,
  words: string,
  sight: Map<number, Sight>,
  missed = new Set<number>(),
): void {
  for (const [id, seen] of sight) {
    for (const kind of ['title', 'text']) {
      const word = `${kind}${words}${id}e`;
      const found = events.includes(word);
      if (!found && missed.has(id)) continue;
      expect([word, seen, found]).toEqual([word, seen, seen === 'unmasked']);
    }
  }
}

/** Of frames that come late, inside of others, rrweb does not see every change. */
const framed = (branch: Branch): number[] =>
  branch.inside === 'frame'
    ? branch.children.flatMap(flat).map(({ id }) => id)
    : branch.children.flatMap(framed);

test('in random trees exactly what the rules say is recorded', { timeout: 180_000 }, async () => {
  const start = { next: 1 };
  const forest = fc
    .sample(trees, { numRuns: 120, seed: 20_260 })
    .map((tree) => numbered(tree, start));
  const [first, second] = [forest.slice(0, 60), forest.slice(60)];
  const sightsOf = (some: Branch[]): Map<number, Sight> =>
    new Map(some.flatMap((tree) => [...sights(tree)]));
  // A forest that has not every kind of tree proves little.
  expect(new Set(sightsOf(forest).values()).size).toBe(3);
  expect(flat(forest[0]!).length + start.next).toBeGreaterThan(250);

  const page = await run.open();
  await page.evaluate(build, { forest: first, root: '#first', words: 'Snapshot' });
  await page.evaluate('replay.start()');
  // A frame is recorded once it has loaded; its words are in an event of their own.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
  expectOnlyAllowed(await recorded(page), 'Snapshot', sightsOf(first));

  await page.evaluate(build, { forest: second, root: '#second', words: 'Added' });
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
  expectOnlyAllowed(await recorded(page), 'Added', sightsOf(second));

  await page.evaluate(say, 'Changed');
  expectOnlyAllowed(
    await recorded(page),
    'Changed',
    sightsOf(forest),
    new Set(second.flatMap(framed)),
  );
  expect(run.pageErrors).toEqual([]);
});

test('a node that moves is recorded as what it is where it is', { timeout: 180_000 }, async () => {
  const start = { next: 1 };
  const forest = fc
    .sample(trees, { numRuns: 60, seed: 7 })
    .map((tree) => numbered({ ...tree, inside: 'element' }, start))
    .map(function flatten(tree): Branch {
      return { ...tree, inside: 'element', children: tree.children.map(flatten) };
    });
  const page = await run.open();
  await page.evaluate(build, { forest, root: '#first', words: 'Before' });
  await page.evaluate('replay.start()');
  // Each tree goes below the deepest branch of the one before.
  const moves = forest.slice(1).map((tree, i): [number, number] => {
    return [tree.id, flat(forest[i]!).at(-1)!.id];
  });
  await page.evaluate(move, moves);
  await page.evaluate(say, 'After');
  const events = await recorded(page);
  let all = forest.at(-1)!;
  for (const tree of forest.slice(0, -1).reverse()) {
    const below = all;
    const last = flat(tree).at(-1)!.id;
    all = (function graft(branch: Branch): Branch {
      const children = branch.children.map(graft);
      return { ...branch, children: branch.id === last ? [...children, below] : children };
    })(tree);
  }
  expectOnlyAllowed(events, 'After', sights(all));
});
