/**
 * To be imported first by tests of what uses `@grafana/data`: its ES modules are for bundlers only
 * (named imports of CommonJS), so Node takes its CommonJS.
 */
import { register } from 'node:module';

const HOOKS = `export const resolve = async (specifier, context, next) => {
  const found = await next(specifier, context);
  const url = found.url.replace(/(@grafana\\/\\w+\\/dist)\\/esm\\/index\\.mjs/, '$1/cjs/index.cjs');
  return url === found.url ? found : { ...found, url, format: 'commonjs' };
};`;

register(`data:text/javascript,${encodeURIComponent(HOOKS)}`);
