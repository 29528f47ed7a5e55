// Files that run as they are: one for pages without a bundler, `<script src="recorder-otel.iife.js">`
// with the global `SessionReplay`, and the compression worker for pages that serve it themselves.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const shared = {
  bundle: true,
  minify: true,
  sourcemap: true,
  format: 'iife',
  target: 'es2022',
  platform: 'browser',
  // Naming no condition leaves esbuild's own, which choose ES modules.
  logLevel: 'warning',
};
await build({
  ...shared,
  entryPoints: [`${dist}script-tag.js`],
  outfile: `${dist}recorder-otel.iife.js`,
  globalName: 'SessionReplay',
});
await build({
  ...shared,
  entryPoints: [`${dist}segment/worker.js`],
  outfile: `${dist}worker.js`,
});
