/** A Grafana without a server: the built plugin in its real packages, under its policy. */
export {
  APP_ID,
  DATA_SOURCE_ID,
  GrafanaPage,
  PANEL_ID,
  type DrivenPage,
  type Theme,
} from './driver.js';
export type { HoverRecord, PanelRequest } from './panel-request.js';
export type { ReactVersion } from './build.js';
export { GrafanaHost, type DataSourceSettings, type GrafanaHostOptions } from './server.js';
