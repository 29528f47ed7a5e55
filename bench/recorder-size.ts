/**
 * What the recorder adds to a page that has OpenTelemetry already, minified and gzipped, rrweb
 * included. KB are 1024 bytes, as in the peers' figures. recorder-otel/test/size.test.ts holds the bars.
 */
import { chromium } from 'playwright-core';
import {
  bundle,
  existingSetup,
  gzippedBytes,
  recordedSetup,
  type Bundle,
} from '../recorder-otel/test/support/bundles.js';
import { pageOf, servePages } from './recorder/page.js';
import { PEERS, peersAreInstalled } from './recorder/peers.js';
import { Sink } from './recorder/sink.js';
import { printTable } from './support/table.js';

const BAR_KB = 32;
/** A page is idle, and has loaded what it loads by itself, within this. */
const IDLE_MS = 8000;

const kb = (bytes: number): number => Math.round((bytes / 1024) * 10) / 10;
const eager = (made: Bundle): number => gzippedBytes(made, made.eager);
const withSetup = (imports: string): Promise<Bundle> =>
  bundle({ source: `${imports}\n${existingSetup()}` });

const without = await bundle({ source: existingSetup() });
const recorded = await bundle({ source: recordedSetup() });
const added = eager(recorded) - eager(without);
const loaded = await loadedByDefault(recorded);
const later = recorded.lazy.filter((name) => loaded.includes(name));

const rrweb = await withSetup(
  `import { record } from '@rrweb/record'; globalThis.record = record;`,
);
const rows: (string | number)[][] = [
  ['existing OpenTelemetry web setup', kb(eager(without)), ''],
  ['+ @rrweb/record alone', kb(eager(rrweb)), kb(eager(rrweb) - eager(without))],
  ['+ recorder-otel, before it records', kb(eager(recorded)), kb(added)],
  ['  and what a default page loads later', '', kb(added + gzippedBytes(recorded, later))],
];
for (const name of [...recorded.lazy].sort()) {
  const when = loaded.includes(name) ? 'later' : 'only if needed';
  rows.push([
    `  ${when}: ${name.replace(/-\w{8}\.js$/, '')}`,
    '',
    kb(gzippedBytes(recorded, [name])),
  ]);
}
for (const entry of ['auto', 'tracestate', 'baggage']) {
  const made = await withSetup(
    `import * as more from 'recorder-otel/${entry}'; globalThis.more = more;`,
  );
  rows.push([`recorder-otel/${entry}`, kb(eager(made)), kb(eager(made) - eager(without))]);
}
if (peersAreInstalled()) rows.push(...(await peers()));
printTable([['bundle', 'gzip KB', 'added KB'], ...rows]);
const pass = added <= BAR_KB * 1024;
process.stdout.write(
  `recorder-size: ${(added / 1024).toFixed(1)} KB added (target <= ${BAR_KB} KB) ${pass ? 'pass' : 'fail'}\n`,
);
process.exitCode = pass ? 0 : 1;

/** A page with the recorder's defaults is opened and left alone. */
async function loadedByDefault(made: Bundle): Promise<string[]> {
  const sink = new Sink();
  await sink.start();
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    await servePages(sink);
    sink.serve('/ours/', pageOf({ name: 'ours' }));
    for (const [name, text] of made.files) {
      sink.serve(`/ours/${name}`, { type: 'text/javascript', text });
    }
    const page = await browser.newPage();
    const names: string[] = [];
    page.on('request', (request) => names.push(request.url().replace(/^.*\//, '')));
    await page.goto(`${sink.origin}/ours/?scenario=typing`);
    await page.evaluate('startRecorder()');
    await page.waitForTimeout(IDLE_MS);
    return names;
  } finally {
    await browser.close();
    sink.stop();
  }
}

async function peers(): Promise<(string | number)[][]> {
  const found: (string | number)[][] = [];
  for (const { name, source, unrecorded, resolveDir } of PEERS) {
    const made = await bundle({ source, resolveDir: resolveDir! });
    const base = unrecorded && (await bundle({ source: unrecorded, resolveDir: resolveDir! }));
    found.push([`peer: ${name}`, kb(eager(made)), base ? kb(eager(made) - eager(base)) : '']);
  }
  return found;
}
