/** What the harness' server tells its page, as Grafana's boot data do. */

export interface HostDataSource {
  uid: string;
  name: string;
  /** Plugin id. */
  type: string;
  jsonData: Record<string, unknown>;
  isDefault?: boolean;
}

export interface HostSettings {
  /** That are in the build. */
  pluginIds: string[];
  dataSources: HostDataSource[];
  /** Settings of app plugins by id. */
  apps: Record<string, { enabled: boolean; jsonData: Record<string, unknown> }>;
  /** Plugins that Grafana's frontend sandbox would wrap. */
  sandboxedPlugins: string[];
  featureToggles: Record<string, boolean>;
}

declare global {
  interface Window {
    harnessSettings: HostSettings;
  }
}
