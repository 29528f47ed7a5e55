/** `--profile`: where the CPU time of the page's main thread goes, by function of the readable bundle. */
import type { CDPSession } from 'playwright-core';
import { printTable } from '../support/table.js';

interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number };
  children?: number[];
}

interface CpuProfile {
  nodes: ProfileNode[];
  samples?: number[];
  timeDeltas?: number[];
}

const INTERVAL_US = 250;
const ROWS = 45;

export async function profileWork(cdp: CDPSession, work: () => Promise<void>): Promise<void> {
  await cdp.send('Profiler.enable');
  await cdp.send('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  await cdp.send('Profiler.start');
  await work();
  const { profile } = await cdp.send('Profiler.stop');
  printProfile(profile);
}

function printProfile({ nodes, samples = [], timeDeltas = [] }: CpuProfile): void {
  const selfMs = new Map<number, number>();
  samples.forEach((id, i) => {
    selfMs.set(id, (selfMs.get(id) ?? 0) + (timeDeltas[i] ?? 0) / 1000);
  });
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const totals = new Map<string, { self: number; total: number }>();
  const of = (key: string): { self: number; total: number } => {
    const found = totals.get(key) ?? { self: 0, total: 0 };
    totals.set(key, found);
    return found;
  };
  /** A function that calls itself counts once in its total. */
  const visit = (node: ProfileNode, above: ReadonlySet<string>): number => {
    const key = keyOf(node);
    const self = selfMs.get(node.id) ?? 0;
    of(key).self += self;
    const below = new Set(above).add(key);
    let total = self;
    for (const child of node.children ?? []) total += visit(byId.get(child)!, below);
    if (!above.has(key)) of(key).total += total;
    return total;
  };
  visit(nodes[0]!, new Set());
  const rows = [...totals]
    .filter(([key]) => !/^\((root|idle)\)/.test(key))
    .sort(([, a], [, b]) => b.self - a.self)
    .slice(0, ROWS)
    .map(([key, { self, total }]) => [key, self, total]);
  printTable([['function', 'self ms', 'total ms'], ...rows]);
}

function keyOf({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const name = functionName || '(anonymous)';
  return url ? `${name} ${url.replace(/^.*\//, '')}:${lineNumber + 1}` : name;
}
