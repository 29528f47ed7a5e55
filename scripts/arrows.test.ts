import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('arrows.mjs', import.meta.url));

const MANIFESTS: Record<string, object> = {
  '.': { name: 'house', private: true, devDependencies: { vitest: '1' } },
  protocol: { name: '@otel-replay/protocol', exports: { '.': {}, './fixtures/*': {} } },
  'recorder-otel': {
    name: 'recorder-otel',
    exports: { '.': {}, './auto': {} },
    dependencies: { '@otel-replay/protocol': '1', rrweb: '1' },
    peerDependencies: { '@opentelemetry/api': '1' },
    devDependencies: { '@opentelemetry/sdk-trace': '1' },
  },
  'collector-processor': {
    name: '@otel-replay/collector-processor',
    dependencies: { '@otel-replay/protocol': '1', yaml: '1' },
    devDependencies: { 'recorder-otel': '1' },
  },
  player: { name: '@otel-replay/player', dependencies: { rrweb: '1' } },
  'backend-example': { name: 'example', private: true, devDependencies: { esbuild: '1' } },
  e2e: { name: 'e2e', private: true },
};

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'arrows-'));
  for (const [folder, manifest] of Object.entries(MANIFESTS)) {
    await write(`${folder}/package.json`, JSON.stringify(manifest));
  }
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

interface Outcome {
  code: number;
  violations: string[];
}

async function arrows(files: Record<string, string>): Promise<Outcome> {
  for (const [path, text] of Object.entries(files)) await write(path, text);
  try {
    await promisify(execFile)(process.execPath, [SCRIPT, root]);
    return { code: 0, violations: [] };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, violations: stderr.trim().split('\n') };
  }
}

describe('arrows', () => {
  it('lets pass what the conventions allow', async () => {
    const outcome = await arrows({
      'protocol/src/index.ts': `export { a } from './a.js';\nimport type { B } from './b.js';`,
      'protocol/src/a.ts': `// import x from 'left-pad';\nexport const a = "import('left-pad')";`,
      'protocol/src/b.ts': `import { createHash } from 'node:crypto';\nexport type B = 1;`,
      'protocol/src/a.test.ts': `import { it } from 'vitest';\nimport { a } from './a.js';`,
      'recorder-otel/src/index.ts': `import { a } from '@otel-replay/protocol';\nimport 'rrweb/record';`,
      'recorder-otel/src/x.ts': `import type { Span } from '@opentelemetry/api';`,
      'recorder-otel/src/x.test.ts': `import type { Sdk } from '@opentelemetry/sdk-trace';`,
      'collector-processor/src/session/ring.ts': `import '../clock.js';\nimport './wheel.js';`,
      'collector-processor/src/session/wheel.ts': `import type { Cut } from '../otlp/types.js';`,
      'collector-processor/src/session/p.ts': `import type { A } from '@otel-replay/protocol';`,
      'collector-processor/src/session/ring.test.ts': `import '../store/index.js';`,
      'collector-processor/src/otlp/types.ts': `import type { A } from '@otel-replay/protocol';`,
      'collector-processor/src/clock.ts': `export const now = 1;`,
      'collector-processor/src/store/index.ts': `import '../otlp/types.js';`,
      'collector-processor/src/store/contract.ts': `import { it } from 'vitest';`,
      'collector-processor/src/main.ts': `import './store/index.js';\nimport.meta.resolve('@otel-replay/player/viewer');`,
      'collector-processor/test/all.test.ts': `import 'recorder-otel/auto';`,
      'player/src/main.ts': `import './viewer.css';\nimport x from './worker.js?worker';`,
      'backend-example/src/page.ts': `import 'recorder-otel';`,
      'backend-example/build.mjs': `import 'esbuild';`,
      'e2e/all.test.ts': `import '../player/src/worker.js';\nimport '@otel-replay/player';`,
      'protocol/node_modules/x/utils.js': `require('anything');`,
    });
    expect(outcome).toEqual({ code: 0, violations: [] });
  });

  it('names every import of another workspace that goes the wrong way', async () => {
    const outcome = await arrows({
      'protocol/src/a.ts': `\n\nimport { p } from '@otel-replay/player';`,
      'protocol/src/b.ts': `export type X = import('recorder-otel').X;`,
      'recorder-otel/src/a.ts': `const p = await import('@otel-replay/player');`,
      'recorder-otel/src/b.ts': `import { x } from '@otel-replay/protocol/src/deep.js';`,
      'recorder-otel/src/c.ts': `export { x } from '../../protocol/src/index.js';`,
      'collector-processor/src/a.ts': `import '@otel-replay/player';`,
      'collector-processor/src/b.ts': `import 'recorder-otel';`,
      'player/src/a.cjs': `const x = require('@otel-replay/collector-processor');`,
      'backend-example/src/a.ts': `import '@otel-replay/protocol';`,
      'backend-example/src/b.ts': `import '../../recorder-otel/src/a.js';`,
    });
    const deep = 'a file of another workspace; import its package name';
    expect(outcome).toEqual({
      code: 1,
      violations: [
        violation(
          'backend-example/src/a.ts',
          1,
          '@otel-replay/protocol',
          'backend-example may import only recorder-otel',
        ),
        violation('backend-example/src/b.ts', 1, '../../recorder-otel/src/a.js', deep),
        violation(
          'collector-processor/src/a.ts',
          1,
          '@otel-replay/player',
          'collector-processor may import only protocol',
        ),
        violation(
          'collector-processor/src/b.ts',
          1,
          'recorder-otel',
          'collector-processor may import only protocol',
        ),
        violation(
          'player/src/a.cjs',
          1,
          '@otel-replay/collector-processor',
          'player may import only protocol',
        ),
        violation(
          'protocol/src/a.ts',
          3,
          '@otel-replay/player',
          'protocol may import no workspace',
        ),
        violation('protocol/src/b.ts', 1, 'recorder-otel', 'protocol may import no workspace'),
        violation(
          'recorder-otel/src/a.ts',
          1,
          '@otel-replay/player',
          'recorder-otel may import only protocol',
        ),
        violation(
          'recorder-otel/src/b.ts',
          1,
          '@otel-replay/protocol/src/deep.js',
          '@otel-replay/protocol does not export it',
        ),
        violation('recorder-otel/src/c.ts', 1, '../../protocol/src/index.js', deep),
      ],
    });
  });

  it('lets a folder of tests name packages of its own', async () => {
    const outcome = await arrows({
      'recorder-otel/test/frameworks/package.json': JSON.stringify({
        dependencies: { 'left-pad': '1.0.0' },
      }),
      'recorder-otel/test/frameworks/a/page.js': `import pad from 'left-pad';`,
      'recorder-otel/test/page.js': `import pad from 'left-pad';`,
    });
    expect(outcome.violations).toEqual([
      violation(
        'recorder-otel/test/page.js',
        1,
        'left-pad',
        'it is not in recorder-otel/package.json',
      ),
    ]);
  });

  it('names packages that are not there when the package is installed', async () => {
    const outcome = await arrows({
      'recorder-otel/src/a.ts': `import type { Sdk } from '@opentelemetry/sdk-trace';`,
      'recorder-otel/src/b.ts': `import pad from 'left-pad';`,
      'recorder-otel/src/c.test.ts': `import pad from 'left-pad/x';`,
      'recorder-otel/src/d.ts': `import './c.test.js';`,
      'recorder-otel/src/e.ts': `import '/tmp/x.js';`,
    });
    const development = 'a devDependency is not there when this package is installed';
    const undeclared = 'it is not in recorder-otel/package.json';
    expect(outcome.violations).toEqual([
      violation('recorder-otel/src/a.ts', 1, '@opentelemetry/sdk-trace', development),
      violation('recorder-otel/src/b.ts', 1, 'left-pad', undeclared),
      violation('recorder-otel/src/c.test.ts', 1, 'left-pad/x', undeclared),
      violation(
        'recorder-otel/src/d.ts',
        1,
        './c.test.js',
        'code that ships does not import test code',
      ),
      violation(
        'recorder-otel/src/e.ts',
        1,
        '/tmp/x.js',
        'absolute paths exist on one machine only',
      ),
    ]);
  });

  it('keeps the rooms of the processor apart', async () => {
    const outcome = await arrows({
      'collector-processor/src/session/a.ts': `import '../store/index.js';`,
      'collector-processor/src/session/b.ts': `import { readFile } from 'node:fs';`,
      'collector-processor/src/session/c.ts': `import '../otlp/cut.js';`,
      'collector-processor/src/store/index.ts': `import '../main.js';`,
      'collector-processor/src/store/other.ts': `import '../index/rows.js';`,
      'collector-processor/src/index/rows.ts': `import '../api/problem.js';`,
      'collector-processor/src/api/problem.ts': `export const x = 1;`,
      'collector-processor/src/api/reader.ts': `import '../store/index.js';`,
      'collector-processor/src/otlp/cut.ts': `export const x = 1;`,
      'collector-processor/src/main.ts': `export const x = 1;`,
    });
    const main = 'main is a program, nobody imports it';
    const heart = 'session/ imports only protocol, clock, otlp/types and its own files';
    const circle = 'a circle of rooms: src/api → src/store → src/index → src/api';
    expect(outcome.violations).toEqual([
      violation('collector-processor/src/index/rows.ts', 1, '../api/problem.js', circle),
      violation('collector-processor/src/session/a.ts', 1, '../store/index.js', heart),
      violation('collector-processor/src/session/b.ts', 1, 'node:fs', heart),
      violation('collector-processor/src/session/c.ts', 1, '../otlp/cut.js', heart),
      violation('collector-processor/src/store/index.ts', 1, '../main.js', main),
    ]);
  });

  it('finds circles of files, through types as well, and files named utils', async () => {
    const outcome = await arrows({
      'player/src/a.ts': `import { b } from './b.js';`,
      'player/src/b.tsx': `\nexport * from './c.js';`,
      'player/src/c.ts': `import type { A } from './a.js';`,
      'player/src/self.ts': `import './self.js';`,
      'player/src/utils.ts': `export const x = 1;`,
      'protocol/src/util/x.ts': `export const x = 1;`,
    });
    const named = 'no file or folder is named utils (name it after what it does)';
    expect(outcome.violations).toEqual([
      violation(
        'player/src/c.ts',
        1,
        './a.js',
        'an import circle: src/a.ts → src/b.tsx → src/c.ts → src/a.ts',
      ),
      violation(
        'player/src/self.ts',
        1,
        './self.js',
        'an import circle: src/self.ts → src/self.ts',
      ),
      `player/src/utils.ts:1: ${named}`,
      `protocol/src/util/x.ts:1: ${named}`,
    ]);
  });
});

function violation(path: string, line: number, specifier: string, why: string): string {
  return `${path}:${line}: ${path} must not import ${specifier} (${why})`;
}
