/** What the scenarios' drivers share. A driver does a fixed amount of work, a step per frame. */

export interface Scenario {
  /** Builds the page before any recorder starts. */
  build(root: HTMLElement, random: Random): void;
  /** What is done to it while it is recorded. */
  run(root: HTMLElement, random: Random): Promise<void>;
}

export interface Random {
  /** An integer below `limit`. */
  below(limit: number): number;
  /** Readable text of about `count` words. */
  words(count: number): string;
}

/** The same numbers in every run (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const word = (): string => WORDS[below(WORDS.length)]!;
  return { below, words: (count) => Array.from({ length: count }, word).join(' ') };
}

const WORDS = (
  'order cart price delivery invoice blue large window table garden report update customer north ' +
  'seven light paper bicycle kettle morning station response latency trace session error warning ' +
  'quick silver mountain river pending shipped returned discount voucher account profile settings'
).split(' ');

export function frame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve()));
}

/** Until the browser has shown what was done. */
export async function shown(): Promise<void> {
  await frame();
  await new Promise((resolve) => setTimeout(resolve, 0));
}

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function pressKey(target: HTMLElement, key: string): void {
  for (const type of ['keydown', 'keyup']) {
    target.dispatchEvent(new KeyboardEvent(type, { key, bubbles: true }));
  }
}

export function moveMouse(x: number, y: number): void {
  const at = document.elementFromPoint(x, y) ?? document.body;
  at.dispatchEvent(new MouseEvent('mousemove', { clientX: x, clientY: y, bubbles: true }));
}

let clicks = 0;

/** Each somewhere else: many at one place are the rage of a user. */
export function click(target: HTMLElement): void {
  clicks++;
  const at = { bubbles: true, clientX: (clicks * 97) % 1200, clientY: (clicks * 61) % 780 };
  for (const type of ['mousedown', 'mouseup']) {
    target.dispatchEvent(new MouseEvent(type, at));
  }
  target.dispatchEvent(new MouseEvent('click', { ...at, cancelable: true }));
}
