/**
 * Rules that hide at playback what was recorded under laxer ones. They only ever hide more: what the
 * recorder masked stays masked.
 */
import { parseSelectors, type SelectorList } from './selectors.js';

export interface MaskingRules {
  /**
   * Text, input, pictures and attributes at and below these elements are masked. See
   * `mask/selectors.ts` (and the README) for what of CSS is understood.
   */
  selectors?: readonly string[];
  /**
   * Hidden wherever it stands: in text, values, attributes, addresses, console, requests, errors,
   * spans. Literal texts are found whatever their case and white space. In the page a text is found
   * also where it is spread over several elements of one block (`<b>4111</b> 1111`), not over several
   * blocks; use `selectors` there.
   */
  text?: RegExp | readonly string[];
  /** Attributes of elements, spans and events whose values are masked, whatever their case. */
  attributes?: readonly string[];
  /** All text, all that was entered, and attributes that hold text. */
  maskAllText?: boolean;
  /** Nothing of these elements' content is drawn, only a grey box. */
  blockSelectors?: readonly string[];
}

/** Rules that were checked. */
export interface Masks {
  readonly selectors: SelectorList;
  readonly blockSelectors: SelectorList;
  /** Some selector is given. */
  readonly hasSelectors: boolean;
  readonly allText: boolean;
  isHiddenAttribute(name: string): boolean;
  /** Text is searched. */
  readonly hasText: boolean;
  /** Where in `text` something is that must not be seen, in order. */
  readonly rangesIn: (text: string) => [from: number, to: number][];
  /** True when `text` holds something that must not be seen. */
  isTold(text: string): boolean;
  /** `text` without what must not be seen. */
  textOf(text: string): string;
}

/** Lengths and spaces stay, so that the layout does. */
export function hide(text: string): string {
  return text.replace(/\S/gu, '*');
}

/** Undefined when the rules hide nothing. Throws TypeError that names the rule. */
export function createMasks(rules: MaskingRules | undefined): Masks | undefined {
  if (rules === undefined) return undefined;
  const { selectors = [], blockSelectors = [], attributes = [], maskAllText = false } = rules;
  checkList('masking.selectors', selectors);
  checkList('masking.blockSelectors', blockSelectors);
  checkList('masking.attributes', attributes);
  const pattern = patternOf(rules.text);
  const hasSelectors = selectors.length + blockSelectors.length > 0;
  if (!hasSelectors && attributes.length === 0 && pattern === undefined && !maskAllText) {
    return undefined;
  }
  const names = new Set(attributes.map((name) => name.toLowerCase()));
  const textOf = (text: string): string => {
    if (pattern === undefined || text === '') return text;
    const shown = text.replace(pattern, hide);
    // An address may spell it differently.
    const decoded = text.includes('%') ? decode(text) : text;
    return decoded !== text && decoded.search(pattern) >= 0
      ? decoded.replace(pattern, hide)
      : shown;
  };
  return {
    selectors: parseSelectors(selectors, 'masking.selectors'),
    blockSelectors: parseSelectors(blockSelectors, 'masking.blockSelectors'),
    hasSelectors,
    allText: maskAllText,
    isHiddenAttribute: (name) => names.has(name.toLowerCase()),
    hasText: pattern !== undefined,
    rangesIn: (text) =>
      pattern === undefined
        ? []
        : Array.from(text.matchAll(pattern), ({ index, 0: found }) => [
            index,
            index + found.length,
          ]),
    isTold: (text) => textOf(text) !== text,
    textOf,
  };
}

function checkList(option: string, list: unknown): void {
  if (!Array.isArray(list) || list.some((entry) => typeof entry !== 'string' || entry === '')) {
    throw new TypeError(`${option} must be a list of texts, none of them empty.`);
  }
}

function patternOf(text: MaskingRules['text']): RegExp | undefined {
  if (text === undefined) return undefined;
  if (text instanceof RegExp) {
    const pattern = new RegExp(
      text.source,
      [...new Set(`${text.flags.replace('y', '')}g`)].join(''),
    );
    if ('' === ''.replace(pattern, 'x')) return pattern;
    throw new TypeError(`masking.text: ${String(text)} matches nothing at all; it must not.`);
  }
  checkList('masking.text', text);
  if (text.length === 0) return undefined;
  // Longer ones first: one may begin with another.
  const escaped = [...text]
    .sort((a, b) => b.length - a.length)
    .map((literal) => literal.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&').replace(/\s+/g, '\\s+'));
  return new RegExp(escaped.join('|'), 'giu');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
