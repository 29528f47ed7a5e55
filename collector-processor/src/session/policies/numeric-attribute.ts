import { momentary } from './momentary.js';
import type { Policy } from './policy.js';
import { countOf, isSegmentCount } from './segment-attributes.js';

export interface NumericAttributeOptions {
  /** A count of segments, or else any attribute of ordinary spans. */
  key: string;
  /** Both inclusive. */
  minValue: number;
  maxValue?: number;
}

/** Wants a session for a while around each segment, or span, whose number is in the range. */
export function numericAttribute(name: string, options: NumericAttributeOptions): Policy {
  const { key, minValue, maxValue = Number.POSITIVE_INFINITY } = options;
  if (!(minValue <= maxValue)) {
    throw new RangeError(
      `min_value ${minValue} of policy "${name}" is above max_value ${maxValue}; swap them`,
    );
  }
  const matches = (value: string | number): value is number =>
    typeof value === 'number' && value >= minValue && value <= maxValue;
  const policy = { name, type: 'numeric_attribute', role: 'keep' } as const;
  if (isSegmentCount(key)) {
    return {
      ...policy,
      evaluate(event) {
        if (event.kind !== 'segment') return undefined;
        const value = countOf(key, event.header);
        return matches(value) ? { reason: `${key} is ${value}`, wholeSession: false } : undefined;
      },
    };
  }
  return {
    ...policy,
    spanInterests: [{ attribute: { key, matches } }],
    evaluate(event) {
      if (event.kind !== 'signal') return undefined;
      const { attribute } = event.signal;
      if (attribute?.key !== key || !matches(attribute.value)) return undefined;
      return momentary(`${key} is ${attribute.value}`, event.signal);
    },
  };
}
