/**
 * kill -9 a hundred times under load, and while it takes up what the last run left: what was
 * acknowledged of sessions with an error is in the store, once, and the books balance at every scrape.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runKillLoop } from '../collector-processor/test/support/kill-loop.js';
import type { Processor } from '../collector-processor/test/support/processor.js';
import { numberFlag } from './support/flags.js';
import { printTable } from './support/table.js';

const kills = numberFlag('--kills', 100);

const build = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
if (spawnSync(process.execPath, [build], { stdio: 'inherit' }).status !== 0) process.exit(1);

const directory = mkdtempSync(join(tmpdir(), 'bench-crash-'));
const spawned: Processor[] = [];
const killAll = (): void => {
  for (const processor of spawned) if (processor.running) processor.kill('SIGKILL');
};
process.once('exit', killAll);
try {
  const start = performance.now();
  const outcome = await runKillLoop({
    ...{ directory, kills, built: true, random: Math.random, patienceMs: 60_000 },
    onSpawn: (processor) => spawned.push(processor),
  });
  const { missing, scrapes, twice, unwanted, violations } = outcome;
  printTable([
    ['', 'count'],
    ['kills', kills],
    ['seconds', (performance.now() - start) / 1000],
    ['segments acknowledged, of sessions with an error', outcome.acknowledged],
    ['segments taken up from the journal', outcome.recovered],
    ['segments lost', missing.length],
    ['segments stored twice', twice.length],
    ['sessions stored that nobody wanted', unwanted.length],
    ['scrapes of the books', scrapes],
    ['scrapes that do not balance', violations.length],
  ]);
  const faults = missing.length + twice.length + unwanted.length + violations.length;
  const passed = faults === 0 && outcome.recovered > 0;
  process.stdout.write(
    `\ncrash: ${faults} faults after ${kills} kills (target 0) ${passed ? 'pass' : 'fail'}\n`,
  );
  process.exitCode = passed ? 0 : 1;
} finally {
  killAll();
  await Promise.all(spawned.map((processor) => processor.exited));
  rmSync(directory, { recursive: true, force: true });
}
