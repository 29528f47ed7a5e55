import type { Policy } from './policy.js';
import { NUMERIC_ATTRIBUTES, type NumericAttributeKey } from './segment-attributes.js';

export interface NumericAttributeOptions {
  key: NumericAttributeKey;
  /** Both inclusive. */
  minValue: number;
  maxValue?: number;
}

/** Wants a session for a while around each segment whose count is in the range. */
export function numericAttribute(name: string, options: NumericAttributeOptions): Policy {
  const { key, minValue, maxValue = Number.POSITIVE_INFINITY } = options;
  if (!(minValue <= maxValue)) {
    throw new RangeError(
      `min_value ${minValue} of policy "${name}" is above max_value ${maxValue}; swap them`,
    );
  }
  return {
    name,
    type: 'numeric_attribute',
    role: 'keep',
    evaluate(event) {
      if (event.kind !== 'segment') return undefined;
      const value = NUMERIC_ATTRIBUTES[key](event.header);
      if (value < minValue || value > maxValue) return undefined;
      return { reason: `${key} is ${value}`, wholeSession: false };
    },
  };
}
