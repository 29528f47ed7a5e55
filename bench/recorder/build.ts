/** Bundles the pages' script and each variant's, as an application would: minified, in chunks. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Asset } from './sink.js';
import type { Variant } from './variant.js';

const PAGES = fileURLToPath(new URL('./pages/', import.meta.url));

/** The page of `variant`; it takes its scenario from its query. */
export function pageOf(variant: Variant): Asset {
  const css = readFileSync(`${PAGES}page.css`, 'utf8');
  return {
    type: 'text/html',
    text: `<!doctype html><html lang="en"><meta charset="utf-8"><title>Bench</title>
<style>${css}</style><body><main id="root"></main>
<script src="/pages.js"></script><script type="module" src="/${variant.name}/entry.js"></script></body></html>`,
  };
}

export async function pagesScript(): Promise<Asset> {
  const { outputFiles } = await build({
    entryPoints: [`${PAGES}main.ts`],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    write: false,
  });
  return { type: 'text/javascript', text: outputFiles[0]!.contents };
}

/** By path below the variant's own; `entry.js` is the one a page loads. */
export async function bundle(
  { source, resolveDir }: Pick<Variant, 'source' | 'resolveDir'>,
  { readable = false }: { readable?: boolean } = {},
): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir, loader: 'ts' },
    bundle: true,
    minify: !readable,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    outdir: '/bundle',
    entryNames: 'entry',
    define: { 'process.env.NODE_ENV': '"production"' },
    // Naming any condition takes away esbuild's default one, which chooses ES modules.
    conditions: ['otel-replay-source', 'module'],
    logLevel: 'error',
    write: false,
  });
  return new Map(
    outputFiles.map(({ path, contents }) => [path.slice('/bundle/'.length), contents]),
  );
}
