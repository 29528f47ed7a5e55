/** Compares what was seen with what is replayed. */
import type { Page } from 'playwright-core';
import type { Described } from './describe.js';
import type { ReplayingWindow } from './in-replaying-page.js';

export interface Look {
  /** PNG. */
  shot: Buffer;
  nodes: Described;
}

export interface Score {
  ink: number;
  dom: number;
  /** Why nodes differ: how many for each reason. */
  reasons: Record<string, number>;
}

const REASONS = [
  'value',
  'color',
  'background',
  'font-size',
  'font',
  'weight',
  'display',
  'opacity',
];

/** @param page one that replays */
export async function scoreOf(page: Page, live: Look, replayed: Look): Promise<Score> {
  const reasons: Record<string, number> = {};
  let alike = 0;
  const wanted = Object.entries(live.nodes);
  for (const [id, node] of wanted) {
    const reason = difference(node, replayed.nodes[id]);
    if (reason === undefined) alike++;
    else reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  const ink = await page.evaluate(
    ([a, b]) => (globalThis as unknown as ReplayingWindow).replaying.compareInk(a, b),
    [live.shot.toString('base64'), replayed.shot.toString('base64')] as const,
  );
  return { ink, dom: wanted.length === 0 ? 1 : alike / wanted.length, reasons };
}

function difference(
  live: readonly (string | number)[],
  replayed: readonly (string | number)[] | undefined,
): string | undefined {
  if (replayed === undefined) return 'missing';
  if (live.length === 1) return live[0] === replayed[0] ? undefined : 'text';
  for (let at = 0; at < 4; at++) {
    if (Math.abs(Number(live[at]) - Number(replayed[at])) > 2) return 'rect';
  }
  const at = live.slice(4).findIndex((part, i) => part !== replayed[i + 4]);
  return at < 0 ? undefined : REASONS[at];
}
