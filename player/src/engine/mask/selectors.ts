/**
 * CSS selectors over a serialised tree, where there is no DOM to ask. The grammar, on purpose small:
 * `tag`, `*`, `#id`, `.class`, `[attribute]`, `[attribute=value]` (also `~= ^= $= *=`, value quoted
 * or not), several of them without space for one element; ` ` for "somewhere within", `>` for "child
 * of"; `,` for "or". A shadow tree counts as within its host, a frame's document within its frame.
 */

/** What a selector can ask about an element. */
export interface MatchableElement {
  /** Lower case. */
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly parent: MatchableElement | undefined;
}

type Test = (element: MatchableElement) => boolean;

/** Innermost compound first; `child` says how it hangs on the next one. */
type Complex = readonly { tests: readonly Test[]; child: boolean }[];

export interface SelectorList {
  matches(element: MatchableElement): boolean;
  /** Lower-case names of the attributes it asks for. */
  readonly attributes: ReadonlySet<string>;
}

const NAME = '(?:[-\\w\\u00a0-\\uffff]|\\\\.)+';
const SIMPLE = new RegExp(
  `(\\*)|\\[\\s*(${NAME})\\s*(?:([~^$*]?=)\\s*(?:"([^"]*)"|'([^']*)'|(${NAME}))\\s*)?\\]|([#.]?)(${NAME})`,
  'y',
);
const COMBINATOR = /\s*(>)\s*|\s*(,)\s*|\s+/y;

/** Throws TypeError that names `option`, the selector, and what is not understood. */
export function parseSelectors(selectors: readonly string[], option: string): SelectorList {
  const attributes = new Set<string>();
  const complexes = selectors.flatMap((selector) => {
    if (typeof selector !== 'string' || selector.trim() === '') {
      throw new TypeError(`${option}: ${JSON.stringify(selector)} is no selector.`);
    }
    return parse(selector.trim(), option, attributes);
  });
  return { attributes, matches: (element) => complexes.some((c) => matchesFrom(c, 0, element)) };
}

function parse(selector: string, option: string, attributes: Set<string>): Complex[] {
  const found: Complex[] = [];
  let current: { tests: Test[]; child: boolean }[] = [{ tests: [], child: false }];
  let at = 0;
  const refuse = (): never => {
    throw new TypeError(
      `${option}: cannot read ${JSON.stringify(selector)} at ${JSON.stringify(selector.slice(at))}. ` +
        'Understood are tag, *, #id, .class, [attribute] and [attribute=value] (~= ^= $= *=), with space, > and comma between them.',
    );
  };
  while (at < selector.length) {
    SIMPLE.lastIndex = at;
    const simple = SIMPLE.exec(selector);
    if (simple !== null) {
      current[0]!.tests.push(testOf(simple, attributes));
      at = SIMPLE.lastIndex;
      continue;
    }
    COMBINATOR.lastIndex = at;
    const combinator = COMBINATOR.exec(selector);
    if (combinator === null || current[0]!.tests.length === 0) return refuse();
    at = COMBINATOR.lastIndex;
    if (combinator[2] === undefined) {
      current = [{ tests: [], child: combinator[1] !== undefined }, ...current];
    } else {
      found.push(current);
      current = [{ tests: [], child: false }];
    }
  }
  if (current[0]!.tests.length === 0) return refuse();
  return [...found, current];
}

/** @param attributes gets the names that are asked for */
function testOf(match: RegExpExecArray, attributes: Set<string>): Test {
  const [, any, rawName, operator, double, single, bare, prefix, rawWord] = match;
  if (any !== undefined) return () => true;
  if (rawName === undefined) {
    const word = unescape(rawWord!);
    if (prefix === '') return ({ tag }) => tag === word.toLowerCase();
    const name = prefix === '#' ? 'id' : 'class';
    attributes.add(name);
    return attributeTest(name, prefix === '#' ? '=' : '~=', word);
  }
  const name = unescape(rawName).toLowerCase();
  attributes.add(name);
  return attributeTest(name, operator, double ?? single ?? unescape(bare ?? ''));
}

function attributeTest(name: string, operator: string | undefined, wanted: string): Test {
  return ({ attributes }) => {
    const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (value === undefined || operator === undefined) return value !== undefined;
    if (operator === '=') return value === wanted;
    if (wanted === '') return false;
    if (operator === '~=') return value.split(/\s+/).includes(wanted);
    if (operator === '^=') return value.startsWith(wanted);
    return operator === '$=' ? value.endsWith(wanted) : value.includes(wanted);
  };
}

function unescape(name: string): string {
  return name.replace(/\\(.)/g, '$1');
}

function matchesFrom(complex: Complex, at: number, element: MatchableElement): boolean {
  const { tests, child } = complex[at]!;
  if (!tests.every((test) => test(element))) return false;
  if (at + 1 === complex.length) return true;
  for (let above = element.parent; above !== undefined; above = above.parent) {
    if (matchesFrom(complex, at + 1, above)) return true;
    if (child) return false;
  }
  return false;
}
