import type { Policy } from './policy.js';
import { stringAttributeOf, type StringAttributeKey } from './segment-attributes.js';

export interface StringAttributeOptions {
  key: StringAttributeKey;
  values: readonly string[];
  /** Values are regular expressions that match anywhere in the text; default: the whole text. */
  enabledRegexMatching?: boolean;
}

/** A page decides how long its attributes are; an expression must not run for ever on one. */
const MAX_MATCHED = 2048;
const MAX_SHOWN = 120;

/**
 * Wants sessions with a segment whose attribute has one of the values.
 * @throws SyntaxError for a value that is no regular expression
 */
export function stringAttribute(name: string, options: StringAttributeOptions): Policy {
  const { key, values } = options;
  const matches = options.enabledRegexMatching === true ? matchAny(values) : equalAny(values);
  return {
    name,
    type: 'string_attribute',
    role: 'keep',
    evaluate(event) {
      if (event.kind !== 'segment') return undefined;
      const { value, momentary } = stringAttributeOf(key, event.header);
      if (value === undefined || !matches(value)) return undefined;
      const shown = value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
      return { reason: `${key} is ${shown}`, wholeSession: !momentary };
    },
  };
}

function equalAny(values: readonly string[]): (value: string) => boolean {
  const wanted = new Set(values);
  return (value) => wanted.has(value);
}

function matchAny(values: readonly string[]): (value: string) => boolean {
  const expressions = values.map((value) => new RegExp(value, 'u'));
  return (value) => {
    const head = value.slice(0, MAX_MATCHED);
    return expressions.some((expression) => expression.test(head));
  };
}
