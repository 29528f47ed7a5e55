// One file for pages without a bundler: `<script src="recorder-otel.iife.js">`, global `SessionReplay`.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
await build({
  entryPoints: [`${dist}script-tag.js`],
  outfile: `${dist}recorder-otel.iife.js`,
  bundle: true,
  minify: true,
  sourcemap: true,
  format: 'iife',
  globalName: 'SessionReplay',
  target: 'es2022',
  platform: 'browser',
  // Naming no condition leaves esbuild's own, which choose ES modules.
  logLevel: 'warning',
});
