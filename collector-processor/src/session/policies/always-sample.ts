import type { Policy } from './policy.js';

/** Keeps every session from its first segment. */
export function alwaysSample(name: string): Policy {
  return {
    name,
    type: 'always_sample',
    role: 'keep',
    evaluate: (event) =>
      event.kind === 'segment'
        ? { reason: 'every session is kept', wholeSession: true }
        : undefined,
  };
}
