/** Renders a panel with the props a dashboard gives it. */
import {
  CoreApp,
  DashboardCursorSync,
  DataHoverClearEvent,
  DataHoverEvent,
  EventBusSrv,
  LoadingState,
  PluginContextProvider,
  applyFieldOverrides,
  dateTime,
  getPanelOptionsWithDefaults,
  toDataFrame,
  type AbsoluteTimeRange,
  type DataFrame,
  type GrafanaTheme2,
  type PanelPlugin,
  type PanelPluginMeta,
  type TimeRange,
} from '@grafana/data';
import {
  ErrorBoundaryAlert,
  PanelChrome,
  PanelContextProvider,
  type PanelContext,
} from '@grafana/ui';
import type { ReactElement } from 'react';
import type { DrawnPanel, HoverRecord } from '../panel-request';
import { loadPlugin } from './modules';
import { interpolate, variables } from './services';

const dashboardBus = new EventBusSrv();
const panelBus = dashboardBus.newScopedBus('panel-1', { onlyLocal: false });
const otherBus = dashboardBus.newScopedBus('panel-2', { onlyLocal: false });

export const hovers: HoverRecord[] = [];
export const rangeChanges: AbsoluteTimeRange[] = [];

const origin = (event: { origin?: unknown }): HoverRecord['from'] =>
  event.origin === panelBus ? 'panel' : 'dashboard';

dashboardBus.getStream(DataHoverEvent).subscribe((event) => {
  const time = Number(event.payload.point['time']);
  hovers.push({ kind: 'hover', time, from: origin(event) });
});
dashboardBus.getStream(DataHoverClearEvent).subscribe((event) => {
  hovers.push({ kind: 'clear', from: origin(event) });
});

/** As another panel of the dashboard does when the pointer is over it. */
export function hover(time: number | undefined): void {
  if (time === undefined) {
    otherBus.publish(new DataHoverClearEvent());
  } else {
    otherBus.publish(new DataHoverEvent({ point: { time } }));
  }
}

export async function panelElement(
  request: DrawnPanel,
  theme: GrafanaTheme2,
): Promise<ReactElement> {
  Object.assign(variables, request.variables);
  const plugin = await loadPlugin<PanelPlugin>(request.pluginId);
  const { name } = plugin.meta;
  const range = timeRange(request);
  const { options, fieldConfig } = getPanelOptionsWithDefaults({
    plugin,
    currentOptions: request.options ?? {},
    currentFieldConfig: { defaults: {}, overrides: [] },
    isAfterPluginChange: false,
  });
  const series = applyFieldOverrides({
    data: (request.series ?? []).map((frame): DataFrame => toDataFrame(frame)),
    fieldConfig,
    fieldConfigRegistry: plugin.fieldConfigRegistry,
    replaceVariables: interpolate,
    theme,
    timeZone: 'utc',
  });
  const state = LoadingState[request.state ?? 'Done'];
  const data = {
    state,
    series,
    annotations: (request.annotations ?? []).map((frame): DataFrame => toDataFrame(frame)),
    timeRange: range,
    structureRev: 1,
    ...(request.errors === undefined ? {} : { errors: request.errors }),
  };
  const Panel = plugin.panel;
  if (Panel === null) {
    throw new Error(`${request.pluginId} has no panel`);
  }
  return (
    <PluginContextProvider meta={plugin.meta as PanelPluginMeta}>
      <PanelContextProvider value={context(request.sync !== false)}>
        <PanelChrome
          title={request.title ?? name}
          width={request.width}
          height={request.height}
          padding={plugin.noPadding === true ? 'none' : 'md'}
          loadingState={state}
        >
          {(width: number, height: number) => (
            <ErrorBoundaryAlert>
              <Panel
                id={1}
                title={request.title ?? name}
                transparent={false}
                renderCounter={0}
                width={width}
                height={height}
                timeZone="utc"
                timeRange={range}
                data={data}
                options={options}
                fieldConfig={fieldConfig}
                eventBus={panelBus}
                replaceVariables={(text, scoped) => interpolate(text, scoped)}
                onOptionsChange={() => undefined}
                onFieldConfigChange={() => undefined}
                onChangeTimeRange={(change) => rangeChanges.push(change)}
              />
            </ErrorBoundaryAlert>
          )}
        </PanelChrome>
      </PanelContextProvider>
    </PluginContextProvider>
  );
}

function timeRange({ from = Date.now() - 3_600_000, to = Date.now() }: DrawnPanel): TimeRange {
  const [start, end] = [dateTime(from), dateTime(to)];
  return { from: start, to: end, raw: { from: start, to: end } };
}

function context(sync: boolean): PanelContext {
  return {
    eventsScope: 'global',
    eventBus: panelBus,
    app: CoreApp.Dashboard,
    sync: () => (sync ? DashboardCursorSync.Crosshair : DashboardCursorSync.Off),
    canAddAnnotations: () => false,
  };
}
