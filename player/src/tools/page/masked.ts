/** Text that recorders put in place of what must not be seen, and fields whose values never may be. */
import type { PageNode } from './page-tree.js';

/** Masks are stars, one for each character, or eight of them; white space stays. */
export function isMasked(text: string): boolean {
  return /(?:^|\s)\*+(?:\s|$)/.test(text) || /\*{3}/.test(text);
}

const SECRET_AUTOCOMPLETE = /^(cc-|one-time-code|(current|new)-password)/;

/**
 * Never shown, whatever a recording holds: passwords, cards and codes. Recorders mask them; this is
 * for recordings of which nobody knows who made them.
 */
export function isSecretField({ attributes }: Pick<PageNode, 'attributes'>): boolean {
  const { type = '', autocomplete = '' } = attributes;
  if (/^(password|hidden|file)$/i.test(type) || 'data-rr-is-password' in attributes) return true;
  return autocomplete
    .toLowerCase()
    .split(/\s+/)
    .some((token) => SECRET_AUTOCOMPLETE.test(token));
}
