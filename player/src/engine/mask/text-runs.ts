/**
 * Text that is spread over several nodes (`<b>4111</b> 1111`): what stands together in one block is
 * searched as one text. Blocks are told by their tags, since a recording may come without its styles.
 */
import { hide } from './rules.js';
import type { TreeNode } from './masked-tree.js';

/** Elements that browsers lay out within a line; a custom element is one, too. */
const INLINE = new Set(
  (
    'a abbr acronym b bdi bdo big button cite code data del dfn em font i img input ins kbd label mark ' +
    'meter nobr output picture progress q rp rt ruby s samp select slot small span strike strong sub ' +
    'sup svg time tspan tt u var wbr text'
  ).split(' '),
);
const SILENT = new Set(['style', 'script', 'noscript', 'template', 'head']);
/** A block is a paragraph, not a book: what is longer is searched in pieces. */
const MAX_NODES = 5000;
const MAX_CHARS = 50_000;

/** Where in a text something is: from, and up to. */
export type Range = readonly [from: number, to: number];

/** The next element above that begins a line of its own, or the document. */
export function blockOf(node: TreeNode): TreeNode {
  let at = node;
  while (at.parent !== undefined && (at.text !== undefined || isInline(at))) at = at.parent;
  return at;
}

/** The texts of a block, in order, and those of each line apart. */
export function runsOf(block: TreeNode): TreeNode[][] {
  if (SILENT.has(block.tag)) return [];
  const runs: TreeNode[][] = [[]];
  let chars = 0;
  let left = MAX_NODES;
  const cut = (): void => {
    if (runs.at(-1)!.length > 0) runs.push([]);
    chars = 0;
  };
  // By its links, without a stack: a hostile tree may be as deep or as wide as it likes.
  let node = block.firstChild;
  while (node !== undefined) {
    if (--left <= 0) {
      left = MAX_NODES;
      cut();
    }
    let down: TreeNode | undefined;
    if (node.text !== undefined) {
      if (chars + node.text.length > MAX_CHARS) cut();
      chars += node.text.length;
      runs.at(-1)!.push(node);
    } else if (isInline(node)) down = node.firstChild;
    else cut();
    if (down === undefined) {
      while (node !== block && node.next === undefined) node = node.parent!;
      down = node === block ? undefined : node.next;
    }
    node = down;
  }
  return runs.filter((run) => run.length > 0);
}

/** For each text of a run the parts that `find` finds in all of it. */
export function findInRun(
  run: readonly TreeNode[],
  find: (text: string) => readonly Range[],
): Map<TreeNode, Range[]> {
  const found = new Map<TreeNode, Range[]>();
  const ranges = find(run.map(({ text }) => text).join(''));
  let at = 0;
  let first = 0;
  for (const node of run) {
    const end = at + node.text!.length;
    while (first < ranges.length && ranges[first]![1] <= at) first++;
    for (let n = first; n < ranges.length && ranges[n]![0] < end; n++) {
      const [from, to] = ranges[n]!;
      const own: Range = [Math.max(from, at) - at, Math.min(to, end) - at];
      found.set(node, [...(found.get(node) ?? []), own]);
    }
    at = end;
  }
  return found;
}

/** The same, in order and without what is in another. */
export function merge(ranges: readonly Range[]): Range[] {
  const merged: Range[] = [];
  for (const [from, to] of [...ranges].sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last === undefined || last[1] < from) merged.push([from, to]);
    else merged[merged.length - 1] = [last[0], Math.max(last[1], to)];
  }
  return merged;
}

/** @param ranges in order, apart from each other */
export function hideRanges(text: string, ranges: readonly Range[]): string {
  let shown = text;
  for (const [from, to] of [...ranges].reverse()) {
    shown = shown.slice(0, from) + hide(shown.slice(from, to)) + shown.slice(to);
  }
  return shown;
}

function isInline({ tag }: TreeNode): boolean {
  return INLINE.has(tag) || tag.includes('-');
}
