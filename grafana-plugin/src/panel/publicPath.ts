/**
 * Grafana serves a nested plugin from its own address, but the chunks lie beside the app's:
 * https://github.com/grafana/plugin-tools/issues/2172
 */
declare let __webpack_public_path__: string;

__webpack_public_path__ = __webpack_public_path__
  .replace(/\/otelreplay-sessionreplay-panel\/$/, '/otelreplay-sessionreplay-app/') // From the local disk.
  .replace(/\/panel\/$/, '/'); // From the CDN.

export {};
