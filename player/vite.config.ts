import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { oneFile } from './one-file.config.js';

/** The replayer's chunk comes beside the page's own script, not after it has run. */
function preloadReplayer(): Plugin {
  return {
    name: 'preload-replayer',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle }) =>
        Object.values(bundle ?? {})
          .filter((chunk) => chunk.type === 'chunk' && chunk.name === 'rrweb')
          .map(({ fileName }) => ({
            tag: 'link',
            attrs: { rel: 'modulepreload', crossorigin: true, href: `/${fileName}` },
            injectTo: 'head' as const,
          })),
    },
  };
}

/** The built-in viewer; the library beside it is built by tsc. */
export default defineConfig({
  root: 'src/viewer',
  base: '/',
  plugins: [react(), preloadReplayer(), oneFile()],
  // The protocol's sources, so that the viewer can be built before anything else is.
  resolve: { conditions: ['otel-replay-source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: '../../dist/viewer',
    emptyOutDir: true,
    // Inlined assets would need data: in more places of the page's policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
