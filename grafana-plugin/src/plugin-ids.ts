/** The ids of plugin.json; Grafana knows everything of ours by them. */
export const APP_ID = 'otelreplay-sessionreplay-app';
export const PANEL_ID = 'otelreplay-sessionreplay-panel';
export const DATASOURCE_ID = 'otelreplay-sessionreplay-datasource';

/** Where Grafana serves the app's pages, without its own sub path. */
export const APP_PATH = `/a/${APP_ID}`;
