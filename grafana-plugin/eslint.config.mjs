import { defineConfig } from 'eslint/config';
import scaffold from './.config/eslint.config.mjs';

export default defineConfig([
  { ignores: ['dist/**', 'node_modules/**', 'harness/react18/node_modules/**', '.harness/**'] },
  ...scaffold,
  // JSX needs no React in scope: the build uses the automatic runtime.
  { rules: { 'react/react-in-jsx-scope': 'off' } },
  {
    // The scaffold names only src/.
    files: ['test/**/*.ts', 'tests/**/*.ts'],
    rules: { 'react-hooks/rules-of-hooks': 'off' },
  },
  {
    // The harness and the build are no Grafana code: they may print.
    files: ['harness/**/*.{ts,tsx}'],
    rules: { 'no-console': 'off' },
  },
]);
