/** What npm would publish: every entry resolves, has types, runs in Node, and nothing is missing. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundle, gzippedBytes, recordedSetup } from '../support/bundles.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'recorder-otel-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Entries that nobody imports. */
const SCRIPTS = /\.json$|\.iife\.js$|worker/;

interface Manifest {
  exports: Record<string, string | Record<string, string>>;
}

describe.each(['protocol', 'recorder-otel'])('%s', (workspace) => {
  let tarball: Buffer;
  let files: string[];
  const manifest = JSON.parse(
    readFileSync(join(root, workspace, 'package.json'), 'utf8'),
  ) as Manifest & Record<string, unknown>;

  beforeAll(() => {
    execFileSync('node', ['scripts/build.mjs'], { cwd: root, stdio: 'ignore' });
    const packed = execFileSync(
      'npm',
      ['pack', '--json', '--ignore-scripts', '--pack-destination', folder, '-w', workspace],
      { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const [{ filename, files: packedFiles }] = JSON.parse(packed) as [
      { filename: string; files: { path: string }[] },
    ];
    files = packedFiles.map(({ path }) => path);
    tarball = readFileSync(join(folder, filename));
  });

  test('publint finds nothing', async () => {
    const bytes = tarball.buffer.slice(
      tarball.byteOffset,
      tarball.byteOffset + tarball.byteLength,
    ) as ArrayBuffer;
    const { messages } = await publint({ pack: { tarball: bytes }, level: 'suggestion' });
    expect(messages.map((message) => formatMessage(message, manifest))).toEqual([]);
  });

  test('types resolve as the code does, wherever ES modules are understood', async () => {
    const analysis = await checkPackage(createPackageFromTarballData(tarball));
    expect(analysis.types).toBeTruthy();
    const problems = ('problems' in analysis ? analysis.problems : []).filter(
      // ES modules only: `require` and resolution from before `exports` are not supported; scripts
      // that are loaded by address have no types.
      (problem) =>
        !('entrypoint' in problem && SCRIPTS.test(problem.entrypoint)) &&
        problem.kind !== 'CJSResolvesToESM' &&
        !('resolutionKind' in problem && /^node10|cjs/.test(String(problem.resolutionKind))),
    );
    expect(problems).toEqual([]);
  });

  test('holds what its exports name, no sources and no tests', () => {
    for (const entry of Object.values(manifest.exports)) {
      const targets =
        typeof entry === 'string'
          ? [entry]
          : Object.entries(entry).flatMap(([condition, target]) =>
              condition === 'otel-replay-source' ? [] : [target],
            );
      for (const target of targets)
        if (!target.includes('*')) expect(files).toContain(target.replace('./', ''));
    }
    expect(files.filter((path) => /\.test\.|^src\/|^test\//.test(path))).toEqual([]);
    expect(files).toContain('LICENSE');
    expect(files).toContain('README.md');
  });

  test('every entry can be imported where there is no document', () => {
    const name = String(manifest['name']);
    const entries = Object.keys(manifest.exports).filter(
      (key) => !SCRIPTS.test(key) && !key.includes('*'),
    );
    const script = `for (const entry of ${JSON.stringify(entries)}) {
      const module = await import(${JSON.stringify(name)} + entry.slice(1));
      if (Object.keys(module).length === 0) throw new Error(entry + ' exports nothing');
    }
    console.log('imported');`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: join(root, 'recorder-otel'),
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    expect(output.trim()).toBe('imported');
  });
});

test('what is published is as small as what the sources make, which the gate of its size measures', async () => {
  execFileSync('node', ['scripts/build.mjs'], { cwd: root, stdio: 'ignore' });
  const [sources, published] = await Promise.all([
    bundle({ source: recordedSetup() }),
    bundle({ source: recordedSetup(), published: true }),
  ]);
  const bytes = gzippedBytes(sources, sources.eager);
  expect(gzippedBytes(published, published.eager)).toBeLessThanOrEqual(bytes + 100);
  // Both without what is never asked of rrweb.
  for (const made of [sources, published]) {
    const text = made.eager.map((name) => new TextDecoder().decode(made.files.get(name))).join('');
    expect(text).toContain('takeFullSnapshot');
    expect(text).not.toContain('OffscreenCanvas');
  }
});
