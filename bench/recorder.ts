/**
 * What recording costs a page: no recorder, OpenTelemetry alone, bare rrweb, ours and the peers on the
 * same generated pages in a real browser. Interleaved, in rotating order. Flags: `--rounds 5
 * --scenario table,stream --variant ours,sentry --peers no --profile`.
 */
import { chromium, type Browser } from 'playwright-core';
import { bundle } from '../recorder-otel/test/support/bundles.js';
import { pageOf, servePages } from './recorder/page.js';
import { measure, type Run } from './recorder/measure.js';
import { installPeers } from './recorder/peers.js';
import { profileWork } from './recorder/profile.js';
import { printScenario, report, type Rounds } from './recorder/report.js';
import { Sink } from './recorder/sink.js';
import type { Variant } from './recorder/variant.js';
import { VARIANTS } from './recorder/variants.js';
import { listFlag, numberFlag } from './support/flags.js';

const SCENARIOS = ['big-dom', 'table', 'stream', 'typing', 'scroll'];

const profiling = process.argv.includes('--profile');
const rounds = profiling ? 1 : numberFlag('--rounds', 5);
const scenarios = listFlag('--scenario', SCENARIOS, SCENARIOS);
const variants = chooseVariants();
const sink = new Sink();
await sink.start();
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
});
try {
  await serveAll();
  const results = await runAll(browser);
  if (!profiling) process.exitCode = report(results, scenarios, variants) ? 0 : 1;
} finally {
  await browser.close();
  sink.stop();
}

function chooseVariants(): Variant[] {
  const at = process.argv.indexOf('--peers');
  const withPeers = (at < 0 || process.argv[at + 1] !== 'no') && installPeers();
  if (!withPeers) process.stdout.write('without peers: they are not installed, or not wanted\n');
  const known = VARIANTS.filter(({ peer }) => withPeers || !peer);
  const names = known.map(({ name }) => name);
  const wanted = listFlag('--variant', names, names);
  // Nothing can be said of a variant without what it is held against.
  const always = profiling ? [] : ['none', 'rrweb'];
  return known.filter(({ name }) => wanted.includes(name) || always.includes(name));
}

async function serveAll(): Promise<void> {
  await servePages(sink);
  for (const variant of variants) {
    sink.serve(`/${variant.name}/`, pageOf(variant));
    const { files } = await bundle({ ...variant, readable: profiling });
    for (const [path, text] of files) {
      sink.serve(`/${variant.name}/${path}`, { type: 'text/javascript', text });
    }
  }
}

async function runAll(inBrowser: Browser): Promise<Rounds> {
  const results: Rounds = new Map();
  const profile = profiling ? profileWork : undefined;
  for (const scenario of scenarios) {
    const runs: Map<string, Run>[] = [];
    results.set(scenario, runs);
    for (let round = 0; round < rounds; round++) {
      const inRound = new Map<string, Run>();
      for (let i = 0; i < variants.length; i++) {
        const variant = variants[(i + round) % variants.length]!;
        process.stderr.write(`${scenario} ${round + 1}/${rounds} ${variant.name}\n`);
        if (profiling) process.stdout.write(`\n${scenario}, ${variant.name}\n`);
        inRound.set(
          variant.name,
          await measure({ browser: inBrowser, sink, variant, scenario, profile }),
        );
      }
      runs.push(inRound);
    }
    if (!profiling) printScenario(scenario, variants, runs);
  }
  return results;
}
