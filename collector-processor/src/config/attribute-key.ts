/** Which attribute a policy asks for. */
import * as z from 'zod';
import { closest } from './problem.js';

type Known = Readonly<Record<string, unknown>>;

/** Of segments, or else of ordinary spans; a slip in a name of the former must not pass for the latter. */
export function attributeKey(known: Known, other: Known, otherType: string) {
  return z
    .string()
    .min(1, 'must not be empty')
    .superRefine((key, context) => {
      if (Object.hasOwn(known, key)) return;
      const complain = (message: string): void => context.addIssue({ code: 'custom', message });
      const meant = closest(key, Object.keys(known));
      if (Object.hasOwn(other, key)) complain(`must be asked for by ${otherType}`);
      else if (key.startsWith('session_replay.') || key.startsWith('browser.document.')) {
        const hint = meant === undefined ? '' : `; did you mean "${meant}"?`;
        complain(`must be one of ${Object.keys(known).join(', ')}, or of ordinary spans${hint}`);
      }
    });
}

/** For descriptions. */
export function keyList(attributes: Known): string {
  return Object.keys(attributes)
    .map((key) => `\`${key}\``)
    .join(', ');
}
