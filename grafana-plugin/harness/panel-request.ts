/** What a test asks of the panel, in Node as in the page. */

export interface PanelRequest {
  /** Default: the replay panel. */
  pluginId?: string;
  /** Default `dark`. */
  theme?: 'light' | 'dark';
  /** In pixels, with Grafana's frame around it. Default 960 and 600. */
  width?: number;
  height?: number;
  title?: string;
  /** As data sources return them; `toDataFrame` takes them. */
  series?: object[];
  annotations?: object[];
  state?: 'NotStarted' | 'Loading' | 'Streaming' | 'Done' | 'Error';
  errors?: Array<{ message: string }>;
  options?: Record<string, unknown>;
  variables?: Record<string, string>;
  /** Unix milliseconds. */
  from?: number;
  to?: number;
  /** Whether the dashboard shares its crosshair. Default true. */
  sync?: boolean;
}

/** With what has a default. */
export type DrawnPanel = PanelRequest &
  Required<Pick<PanelRequest, 'pluginId' | 'theme' | 'width' | 'height'>>;

export interface HoverRecord {
  kind: 'hover' | 'clear';
  time?: number;
  /** `panel` published it, or `dashboard` (the test). */
  from: 'panel' | 'dashboard';
}
