/** The pages: one document for each variant, one script for all. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { feedPage, feedPath } from './pages/feed.js';
import { FEED_PAGES } from './pages/scroll.js';
import type { Asset, Sink } from './sink.js';
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

/** What the pages of all variants load, by path. */
export async function pageAssets(): Promise<Map<string, Asset>> {
  const assets = new Map([['/pages.js', await pagesScript()]]);
  for (let page = 0; page < FEED_PAGES; page++) {
    const text = JSON.stringify(feedPage(page));
    assets.set(feedPath(page), { type: 'application/json', text });
  }
  return assets;
}

export async function servePages(sink: Sink): Promise<void> {
  for (const [path, asset] of await pageAssets()) sink.serve(path, asset);
}

async function pagesScript(): Promise<Asset> {
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
