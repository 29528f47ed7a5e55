/**
 * What of the recorded person's device and settings decides how a page looks, as media queries. A
 * Meta event may name those that were true, as `data.media`; a reader then answers them as they were
 * and not as its own browser would. Coarse on purpose: settings that most pages ask for, and that
 * millions of people share.
 */
export const RECORDED_MEDIA = [
  '(prefers-color-scheme: dark)',
  '(prefers-reduced-motion: reduce)',
  '(pointer: coarse)',
] as const;
