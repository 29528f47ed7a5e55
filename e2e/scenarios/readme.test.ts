/** What the README says works as it stands there: its snippets, its configuration, its commands. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser, openPage } from '../harness/browser.js';
import { eventually } from '../harness/eventually.js';
import { ROOT } from '../harness/process.js';
import { segmentsIn } from '../harness/segments.js';
import { System } from '../harness/system.js';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const SCRIPTS = (
  JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object }
).scripts;

let system: System;
let browser: Browser;
let directory: string;

beforeAll(async () => {
  system = await System.start();
  browser = await launchBrowser();
  directory = await mkdtemp(join(tmpdir(), 'otel-replay-readme-'));
});

afterAll(async () => {
  await browser?.close();
  await system?.stop();
  await rm(directory, { recursive: true, force: true });
});

function snippets(language: string): string[] {
  const blocks = README.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'));
  return [...blocks].map(([, code]) => code ?? '');
}

it.each(snippets('ts').map((code) => [/from '(recorder-otel[^']*)'/.exec(code)?.[1], code]))(
  'runs the snippet of %s as it stands',
  async (_name, code) => {
    const page = await servePage(code);
    const watched = await openPage(await browser.newContext());
    const before = segmentsIn(system.proxy.acknowledged).length;
    await watched.page.goto(page.url);
    await watched.page.click('button');
    const segment = await eventually('a segment that the processor accepted', () =>
      segmentsIn(system.proxy.acknowledged)
        .slice(before)
        .find(({ header }) => header.hasFullSnapshot),
    );
    const { sessionId, recordingId } = segment.header;
    await eventually('the recording in the replay API', async () => {
      const { recordings } = await system.api.manifest(sessionId);
      return recordings.some((recording) => recording.recordingId === recordingId);
    });
    expect(watched.errors).toEqual([]);
    await watched.page.close();
    page.server.close();
  },
);

/** A page that holds the snippet and nothing else; only the address of the processor differs. */
async function servePage(code: string): Promise<{ url: string; server: Server }> {
  const contents = code.replaceAll('http://127.0.0.1:4318', system.proxy.url);
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(ROOT, 'e2e'), loader: 'ts' },
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  const script = outputFiles[0]?.text ?? '';
  const server = createServer((request, response) => {
    const isScript = request.url === '/page.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
    response.end(
      isScript
        ? script
        : '<!doctype html><title>Shop</title><button>Buy</button><script type="module" src="/page.js"></script>',
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

it.each(snippets('yaml').map((code, index) => [index, code]))(
  'validates configuration %i',
  async (index, code) => {
    const file = join(directory, `${index}.yaml`);
    await writeFile(file, code);
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      ['collector-processor/dist/main.js', 'validate', `--config=${file}`],
      { cwd: ROOT, encoding: 'utf8' },
    );
    expect(`${stdout}${stderr}`).not.toMatch(/unknown|must|error/i);
    expect(status).toBe(0);
  },
);

it('names only npm commands that exist', () => {
  const shell = snippets('sh').join('\n');
  const inline = [...README.matchAll(/`(npm [^`]+)`/g)].map(([, command]) => command);
  const commands = [...shell.split('\n'), ...inline].filter((line) => line?.startsWith('npm '));
  expect(commands.length).toBeGreaterThan(2);
  for (const command of commands) {
    const name = /^npm (?:run )?([\w-]+)/.exec(command ?? '')?.[1] ?? '';
    expect(SCRIPTS).toHaveProperty(name);
  }
});

it('links only to files that exist', () => {
  for (const [, target = ''] of README.matchAll(/\]\(([^)#:]+)\)/g)) {
    expect(() => readFileSync(join(ROOT, target))).not.toThrow();
  }
});
