/**
 * From runs to the table and the bars. Of the main thread the lowest round of each variant counts: what
 * else the machine does only ever adds. All other figures are medians.
 */
import { printTable } from '../support/table.js';
import type { Run } from './measure.js';
import type { Variant } from './variant.js';

/** By scenario: a map of each round from variant to its run. */
export type Rounds = Map<string, Map<string, Run>[]>;

/** See quality-bars.md, "Recorder (browser)". */
const BARS = { main: 1.1, longTasks: 0, wire: 0.65 };
/** Rendering is the page's own; a recorder that makes it dearer than bare rrweb does is at fault. */
const SAME_RENDERING = 1.1;
/** Elements that come and go within a frame need not be recorded. */
const COMPLETE = 0.99;
const OURS = ['ours', 'ours-buffer'];

interface Judged {
  what: string;
  figure: number;
  target: number;
}

export function printScenario(
  scenario: string,
  variants: readonly Variant[],
  rounds: Map<string, Run>[],
): void {
  process.stdout.write(`\n${scenario}\n`);
  printTable([HEADER, ...variants.map((variant) => row(variant, rounds))]);
}

/** True when every bar is met, and everybody who should have recorded has. */
export function report(results: Rounds, scenarios: string[], variants: Variant[]): boolean {
  const judged: Judged[] = [];
  const faults: string[] = [];
  for (const scenario of scenarios) {
    const rounds = results.get(scenario)!;
    judged.push(...judge(scenario, rounds));
    faults.push(...variants.flatMap((variant) => faultsOf(scenario, variant, rounds)));
  }
  process.stdout.write('\n');
  if (judged.length > 0) {
    const rows = judged.map(({ what, figure, target }) => [
      what,
      figure,
      target,
      met({ figure, target }) ? 'met' : 'MISSED',
    ]);
    printTable([['bar', 'figure', 'target <=', ''], ...rows]);
  }
  if (!variants.some(({ name }) => name === 'sentry')) {
    process.stdout.write(
      'bytes on the wire are not judged: they are held against sentry, which did not run\n',
    );
  }
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  const worst = judged.sort((a, b) => excess(b) - excess(a))[0];
  const pass = faults.length === 0 && judged.every(met);
  const figure = worst
    ? `${worst.what} ${worst.figure.toFixed(2)} (target <= ${worst.target})`
    : 'ours was not run (target: run it)';
  process.stdout.write(`recorder: ${figure} ${pass && worst ? 'pass' : 'fail'}\n`);
  return pass && worst !== undefined;
}

const HEADER = [
  'variant',
  'main ms',
  'rendering ms',
  'other ms',
  '+ ms',
  'x rrweb',
  'process + ms',
  'long tasks +',
  'longest ms',
  'wire KB',
  'x sentry',
  'requests',
  'heap MB',
  'elements',
];

function row(variant: Variant, rounds: Map<string, Run>[]): (string | number)[] {
  const of = (pick: (run: Run) => number): number =>
    median(rounds.map((round) => pick(round.get(variant.name)!)));
  const against = (name: string, pick: (run: Run, other: Run) => number): number =>
    median(paired(rounds, variant.name, name).map(([run, other]) => pick(run, other)));
  return [
    variant.name,
    lowest(rounds, variant.name, 'mainMs'),
    lowest(rounds, variant.name, 'renderingMs'),
    lowest(rounds, variant.name, 'workMs'),
    lowest(rounds, variant.name, 'workMs') - lowest(rounds, 'none', 'workMs'),
    spread(mainRatio(rounds, variant.name), mainRatios(rounds, variant.name)),
    against('none', (run, none) => run.processMs - none.processMs),
    against('none', (run, none) => run.longTasks - none.longTasks),
    of((run) => run.longestMs),
    of((run) => run.wireBytes / 1024),
    ratio(wireRatio(rounds, variant.name)),
    of((run) => run.requests),
    of((run) => run.heapBytes / 2 ** 20),
    of((run) => run.elements),
  ];
}

type Time = 'mainMs' | 'renderingMs' | 'workMs';

const lowest = (rounds: Map<string, Run>[], name: string, time: Time): number =>
  Math.min(...rounds.map((round) => round.get(name)![time]));

/** Main-thread time added to the bare page, over what bare rrweb (with tracing) adds to it. */
function mainRatio(rounds: Map<string, Run>[], name: string): number {
  const [run, bare, none] = [name, 'rrweb', 'none'].map((n) => lowest(rounds, n, 'workMs'));
  return (run! - none!) / (bare! - none!);
}

const mainRatios = (rounds: Map<string, Run>[], name: string): number[] =>
  rounds.map((round) => mainRatio([round], name));

/** How far rounds are apart says how much the figure is worth. */
function spread(figure: number, ratios: number[]): string {
  if (ratios.length < 2 || ratio(figure) === '') return ratio(figure);
  return `${ratio(figure)} (${ratio(Math.min(...ratios))} to ${ratio(Math.max(...ratios))})`;
}

function wireRatio(rounds: Map<string, Run>[], name: string): number {
  return median(
    paired(rounds, name, 'sentry').map(([run, sentry]) => run.wireBytes / sentry.wireBytes),
  );
}

function judge(scenario: string, rounds: Map<string, Run>[]): Judged[] {
  return OURS.filter((name) => rounds[0]?.has(name)).flatMap((name) => {
    const long = paired(rounds, name, 'rrweb').map(([run, bare]) => run.longTasks - bare.longTasks);
    const wire = name === 'ours' ? wireRatio(rounds, name) : NaN;
    const what = `${scenario}, ${name}:`;
    return [
      { what: `${what} main thread x rrweb`, figure: mainRatio(rounds, name), target: BARS.main },
      { what: `${what} long tasks over rrweb`, figure: median(long), target: BARS.longTasks },
      ...(Number.isNaN(wire)
        ? []
        : [{ what: `${what} wire x sentry`, figure: wire, target: BARS.wire }]),
    ];
  });
}

/** A figure of somebody who did not record, or whose page broke, says nothing. */
function faultsOf(scenario: string, variant: Variant, rounds: Map<string, Run>[]): string[] {
  const runs = rounds.map((round) => round.get(variant.name)!);
  const faults = runs.flatMap(({ errors }) => errors);
  const sends = variant.decode !== undefined && !variant.silent;
  if (sends && runs.some(({ elements }) => elements === 0)) faults.push('recorded nothing');
  // Cheap because something is missing is not cheap.
  if (variant.name === 'ours') {
    const short = paired(rounds, 'ours', 'rrweb').find(
      ([run, bare]) => run.elements < bare.elements * COMPLETE,
    );
    if (short) faults.push(`${short[0].elements} elements, where rrweb has ${short[1].elements}`);
    const [ours, bare] = ['ours', 'rrweb'].map((name) => lowest(rounds, name, 'renderingMs'));
    if (ours! > bare! * SAME_RENDERING) {
      faults.push(`${ours!.toFixed(0)} ms of rendering, where rrweb has ${bare!.toFixed(0)}`);
    }
  }
  if (variant.silent && runs.some(({ wireBytes }) => wireBytes > 0)) {
    faults.push('sent something, and must not');
  }
  return [...new Set(faults)].map((fault) => `${scenario}, ${variant.name}: ${fault}`);
}

function paired(rounds: Map<string, Run>[], name: string, other: string): [Run, Run][] {
  return rounds.flatMap((round) => {
    const [run, against] = [round.get(name), round.get(other)];
    return run && against ? [[run, against] as [Run, Run]] : [];
  });
}

const met = ({ figure, target }: { figure: number; target: number }): boolean => figure <= target;
const excess = ({ figure, target }: Judged): number => (figure - target) / Math.max(target, 1);
const ratio = (value: number): string => (Number.isFinite(value) ? value.toFixed(2) : '');

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
