/**
 * How alike replays look: about fifty features of the web, ours beside bare rrweb, by pixels and DOM.
 * See fidelity/README.md.
 */
import { writeFileSync } from 'node:fs';
import { readFeatures } from './fidelity/feature.js';
import { FLOORS_FILE, failuresOf, readFloors } from './fidelity/floors.js';
import { runMatrix, type Row } from './fidelity/matrix.js';
import type { Score } from './fidelity/score.js';
import { printTable } from './support/table.js';

const args = process.argv.slice(2);
const valueOf = (flag: string): string | undefined =>
  args.includes(flag) ? args[args.indexOf(flag) + 1] : undefined;
const only = valueOf('--only');
const shots = valueOf('--shots');
const features = readFeatures().filter(
  ({ name }) => only === undefined || new RegExp(only).test(name),
);

const rows = await runMatrix({ features, ...(shots === undefined ? {} : { shots }) });
const three = (n: number): string => n.toFixed(3);
printTable([
  ['feature', 'ink rrweb', 'ink ours', 'dom rrweb', 'dom ours', 'what differs'],
  ...rows.map(({ feature, bare, ours }) => [
    feature.title,
    ...[bare!.ink, ours.ink, bare!.dom, ours.dom].map(three),
    Object.entries(ours.reasons)
      .map(([reason, count]) => `${reason} ${count}`)
      .join(', '),
  ]),
  ['mean', ...means(rows).map(three), ''],
]);

if (args.includes('--write-floors')) {
  const floors = { ...readFloors() };
  for (const { feature, bare, ours } of rows) {
    const rounded = ({ ink, dom }: Score): Pick<Score, 'ink' | 'dom'> => ({
      ink: Number(three(ink)),
      dom: Number(three(dom)),
    });
    floors[feature.name] = { ...rounded(ours), rrweb: rounded(bare!) };
  }
  writeFileSync(FLOORS_FILE, `${JSON.stringify(floors, null, 2)}\n`);
}
const failures = failuresOf(rows, readFloors());
for (const failure of failures) process.stdout.write(`${failure}\n`);
const pass = failures.length === 0;
process.stdout.write(
  `fidelity: ink ${three(means(rows)[1]!)} (rrweb ${three(means(rows)[0]!)}), ${failures.length} of ${rows.length} below rrweb or their floor (target 0) ${pass ? 'pass' : 'fail'}\n`,
);
process.exitCode = pass ? 0 : 1;

function means(all: readonly Row[]): number[] {
  const mean = (of: (row: Row) => number): number =>
    all.reduce((sum, row) => sum + of(row), 0) / all.length;
  return [
    mean((row) => row.bare!.ink),
    mean((row) => row.ours.ink),
    mean((row) => row.bare!.dom),
    mean((row) => row.ours.dom),
  ];
}
