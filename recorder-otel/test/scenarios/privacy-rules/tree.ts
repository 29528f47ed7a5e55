/** Random trees of elements with rules, and who of them may be read: the rules as one would say them. */
import fc from 'fast-check';

/** Said by an attribute or by a selector of the options. */
export type Rule = 'unmask' | 'mask' | 'block' | 'open' | 'shut' | 'away';

export interface Branch {
  id: number;
  /** What its children hang in: the element, its shadow root, or the document of a frame. */
  inside: 'element' | 'open root' | 'frame';
  rules: readonly Rule[];
  children: readonly Branch[];
}

const RULES: readonly Rule[] = ['unmask', 'mask', 'block', 'open', 'shut', 'away'];

const branch = fc.memo((depth): fc.Arbitrary<Branch> => {
  return fc.record({
    id: fc.constant(0),
    inside: fc.oneof(
      { weight: 8, arbitrary: fc.constant('element' as const) },
      { weight: 2, arbitrary: fc.constant('open root' as const) },
      { weight: 1, arbitrary: fc.constant('frame' as const) },
    ),
    rules: fc.oneof(
      { weight: 4, arbitrary: fc.constant([]) },
      { weight: 3, arbitrary: fc.constantFrom<Rule>('unmask', 'open').map((rule) => [rule]) },
      { weight: 2, arbitrary: fc.constantFrom<Rule>('mask', 'shut').map((rule) => [rule]) },
      { weight: 1, arbitrary: fc.subarray([...RULES], { maxLength: 3 }) },
    ),
    children: depth > 1 ? fc.array(branch(depth - 1), { maxLength: 3 }) : fc.constant([]),
  });
});

export const trees: fc.Arbitrary<Branch> = branch(4);

/** Numbers its branches, so that each has words of its own. */
export function numbered(tree: Branch, start: { next: number }): Branch {
  return {
    ...tree,
    id: start.next++,
    children: tree.children.map((child) => numbered(child, start)),
  };
}

export type Sight = 'blocked' | 'masked' | 'unmasked';

/** The reference: the nearest that says something wins, `mask` wins a tie, `block` is for good. */
export function sights(tree: Branch, inherited: Sight = 'masked'): Map<number, Sight> {
  const says = (...names: Rule[]): boolean => tree.rules.some((rule) => names.includes(rule));
  let sight = inherited;
  if (inherited === 'blocked' || says('block', 'away')) sight = 'blocked';
  else if (says('mask', 'shut')) sight = 'masked';
  else if (says('unmask', 'open')) sight = 'unmasked';
  const all = new Map([[tree.id, sight]]);
  for (const child of tree.children) {
    for (const [id, seen] of sights(child, sight)) all.set(id, seen);
  }
  return all;
}

export const flat = (tree: Branch): Branch[] => [tree, ...tree.children.flatMap(flat)];
