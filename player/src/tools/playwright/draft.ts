/** The steps of one tab while they are found, and what is credited to them. */
import type { PageTree, PageNode } from '../page/page-tree.js';
import { isMasked } from '../page/masked.js';
import { collapse, isShown, nameOf, roleOf } from '../page/roles.js';
import { upwards, walk } from '../page/page-tree.js';
import type { Action, Answer, Shown, TestStep } from './steps.js';

/** What follows an action this soon is taken for its consequence. */
export const CONSEQUENCE_MS = 5000;

export interface DraftStep extends TestStep {
  /** What was acted upon. */
  node: PageNode | undefined;
  /** It is there to be used; a click on anything else may mean nothing. */
  isControl: boolean;
}

export class TabDraft {
  readonly tab: number;
  readonly steps: DraftStep[] = [];
  /** The address at the moment. */
  url: string | undefined;
  /** End of what was recorded of it so far. */
  lastTimestamp = -Infinity;
  #appeared: PageNode[] = [];

  constructor(tab: number) {
    this.tab = tab;
  }

  get last(): DraftStep | undefined {
    return this.steps.at(-1);
  }

  push(action: Action, time: number, node?: PageNode, isControl = true): DraftStep {
    const { tab } = this;
    const empty = { answers: [], shows: [], errors: [] };
    const step: DraftStep = { tab, time, action, ...empty, node, isControl };
    this.steps.push(step);
    return step;
  }

  /** The last step before `time`, if that may have been because of it. */
  causeOf(time: number): DraftStep | undefined {
    const step = this.steps.findLast((one) => one.time <= time + 50);
    return step !== undefined && time - step.time <= CONSEQUENCE_MS ? step : undefined;
  }

  answered(answer: Answer, start: number): void {
    this.causeOf(start)?.answers.push(answer);
  }

  appeared(texts: readonly PageNode[]): void {
    this.#appeared.push(...texts);
  }

  /** Nothing more comes of the last step: what is still there is what it showed. */
  settle(tree: PageTree): void {
    const { last } = this;
    const { root } = tree;
    const appeared = this.#appeared;
    this.#appeared = [];
    if (last === undefined || root === undefined) return;
    const arrived = /^(goto|reload)$/.test(last.action.kind) || last.leadsTo !== undefined;
    const found = arrived
      ? headingOf(root)
      : appeared.filter((node) => tree.node(node.id) === node).flatMap((n) => rated(n, root));
    const failed = last.answers.some((answer) => answer.failed) || last.errors.length > 0;
    // The best one will do: each more is one more reason to fail for nothing.
    const [best] = found.sort((a, b) => b.rank - a.rank);
    if (best === undefined) return;
    const { text, rank } = best;
    const shown: Shown = { text, failure: failed && rank >= RANK.ALERT - RANK.NUMBERS };
    last.shows = [arrived ? { ...shown, isHeading: true } : shown];
  }
}

const RANK = { ALERT: 100, STATUS: 60, HEADING: 50, TEXT: 10, NUMBERS: 30 } as const;

interface Rated {
  text: string;
  rank: number;
}

/** What a page calls itself. */
function headingOf(root: PageNode): Rated[] {
  for (const node of walk(root)) {
    if (node.tag !== 'h1' || !isShown(node)) continue;
    const text = nameOf(node, root);
    if (isTelling(text)) return [{ text, rank: RANK.HEADING }];
  }
  return [];
}

function rated(node: PageNode, root: PageNode): Rated[] {
  const text = collapse(node.text);
  if (!isTelling(text) || node.parent === undefined || !isShown(node.parent)) return [];
  let rank: number = RANK.TEXT;
  for (const at of upwards(node.parent)) {
    if (/^(style|script|noscript|template|title|option|textarea)$/.test(at.tag)) return [];
    const role = roleOf(at);
    if (role === 'alert' || role === 'alertdialog') rank = Math.max(rank, RANK.ALERT);
    else if (role === 'status' || role === 'dialog') rank = Math.max(rank, RANK.STATUS);
    else if (role === 'heading') rank += RANK.HEADING / 5;
  }
  // Numbers are often others the next time; prices are not.
  if (/\d/.test(text) && !PRICE.test(text)) rank -= RANK.NUMBERS;
  return rank > 0 && root !== node ? [{ text, rank }] : [];
}

const PRICE = /\p{Sc} ?\d|\d ?\p{Sc}/u;

function isTelling(text: string): boolean {
  if (text.length < 3 || text.length > 80 || isMasked(text)) return false;
  return PRICE.test(text) || (/\p{L}{2}/u.test(text) && !/[0-9a-f]{12}/i.test(text));
}
