/** What replaces text that must not be seen. */

/** Every character that is not white space; lengths stay, so that the layout does. */
export function maskText(text: string): string {
  return text.replace(/\S/gu, '*');
}

/** For values whose length is a secret too (passwords, cards, codes): always the same length. */
export function maskSecret(text: string): string {
  return text === '' ? '' : '********';
}

/** Names and ids of the page stay, unless they were made of somebody's address. */
export function maskAddresses(text: string): string {
  return text.includes('@') ? text.replace(/[\w.+-]+@[\w.-]+\.[a-z]{2,}/gi, '*') : text;
}
