/**
 * What `npm run compatible` is told not to count. Levitate compares a parameter's type by the text
 * of the import that brings it into `types/app.d.ts`, and that text alone changed: Grafana 12.3 says
 * `import { X }` or `import type { X }`, 13 says `import { type X }`. The types themselves:
 *
 * - `PluginExtensionExposedComponentConfig` is the same in both, word for word;
 * - `PluginExtensionAddedLinkConfig` has two optional members more in 13, `group` and `openInNewTab`.
 *   We set `group`, which 12.3 does not look at, beside `category`, which it does.
 *
 * That they fit is shown by a compiler, not here: `npm run typecheck` also checks the sources against
 * the packages of the oldest Grafana (tsconfig.oldest.json).
 */
module.exports = {
  changes: [/^AppPlugin\.addLink$/, /^AppPlugin\.exposeComponent$/],
};
