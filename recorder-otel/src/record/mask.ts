/** What replaces text that must not be seen. */

/** By length: the same string again costs nothing more to whoever looks it up. */
const STARS = Array.from({ length: 65 }, (_, length) => '*'.repeat(length));
const stars = ({ length }: string): string => STARS[length] ?? '*'.repeat(length);

/** Every character that is not white space; lengths stay, so that the layout does. */
export function maskText(text: string): string {
  // One word, as most texts are.
  if (text.length <= 64 && /^[!-~]*$/.test(text)) return stars(text);
  // Word by word where every character is a unit of its own, which is faster.
  if (/^[ -~]*$/.test(text)) return text.split(' ').map(stars).join(' ');
  return /[^ -~\s]/.test(text) ? text.replace(/\S/gu, '*') : text.replace(/\S+/g, stars);
}

/** For values whose length is a secret too (passwords, cards, codes): always the same length. */
export function maskSecret(text: string): string {
  return text === '' ? '' : '********';
}

/** Names and ids of the page stay, unless they were made of somebody's address. */
export function maskAddresses(text: string): string {
  return text.includes('@') ? text.replace(/[\w.+-]+@[\w.-]+\.[a-z]{2,}/gi, '*') : text;
}
