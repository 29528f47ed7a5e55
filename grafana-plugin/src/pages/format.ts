/** Times, durations and addresses as the pages show them. */

/** `0:42`, `12:05`, `1:02:09`. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours, minutes, rest] = parts.map((part) => String(part));
  const two = (text = '0') => text.padStart(2, '0');
  return hours === '0' ? `${minutes}:${two(rest)}` : `${hours}:${two(minutes)}:${two(rest)}`;
}

/** Without scheme and query: `shop.example/cart`. */
export function pageText(url: string): string {
  if (!URL.canParse(url)) {
    return url;
  }
  const { host, pathname } = new URL(url);
  return `${host}${pathname === '/' ? '' : pathname}`;
}

export const countText = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? '' : 's'}`;
