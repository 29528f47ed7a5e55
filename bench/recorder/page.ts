/** The pages: one document for each variant, one script for all. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Asset } from './sink.js';
import type { Variant } from './variant.js';

const PAGES = fileURLToPath(new URL('./pages/', import.meta.url));

/** The page of `variant`; it takes its scenario from its query. */
export function pageOf(variant: Pick<Variant, 'name'>): Asset {
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
