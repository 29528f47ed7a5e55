import { momentary } from './momentary.js';
import type { Policy } from './policy.js';
import { isSegmentText, stringAttributeOf } from './segment-attributes.js';

export interface StringAttributeOptions {
  /** An attribute of segments, or else any of ordinary spans. */
  key: string;
  values: readonly string[];
  /** Values are regular expressions that match anywhere in the text; default: the whole text. */
  enabledRegexMatching?: boolean;
}

/** A page decides how long its attributes are; an expression must not run for ever on one. */
const MAX_MATCHED = 2048;
const MAX_SHOWN = 120;

/**
 * Wants sessions with a segment whose attribute has one of the values; for an attribute of spans,
 * for a while around each of them.
 * @throws SyntaxError for a value that is no regular expression
 */
export function stringAttribute(name: string, options: StringAttributeOptions): Policy {
  const { key, values } = options;
  const matches = options.enabledRegexMatching === true ? matchAny(values) : equalAny(values);
  const reasonOf = (value: string): string =>
    `${key} is ${value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value}`;
  const policy = { name, type: 'string_attribute', role: 'keep' } as const;
  if (isSegmentText(key)) {
    return {
      ...policy,
      evaluate(event) {
        if (event.kind !== 'segment') return undefined;
        const { value, isMomentary } = stringAttributeOf(key, event.header);
        if (value === undefined || !matches(value)) return undefined;
        return { reason: reasonOf(value), wholeSession: !isMomentary };
      },
    };
  }
  const isWanted = (value: string | number): value is string =>
    typeof value === 'string' && matches(value);
  return {
    ...policy,
    spanInterests: [{ attribute: { key, matches: isWanted } }],
    evaluate(event) {
      if (event.kind !== 'signal') return undefined;
      const { attribute } = event.signal;
      if (attribute?.key !== key || !isWanted(attribute.value)) return undefined;
      return momentary(reasonOf(attribute.value), event.signal);
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
