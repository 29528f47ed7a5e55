import './publicPath';
import { PanelPlugin, type PanelProps } from '@grafana/data';
import { Suspense, lazy } from 'react';
import { DataSourceEditor } from './data-source-editor';
import { DEFAULTS, migrateOptions, type PanelOptions } from './options';
import { Loading } from './states/loading';

const ReplayPanel = lazy(async () => ({ default: (await import('./replay-panel')).ReplayPanel }));

export const plugin = new PanelPlugin<PanelOptions>((props: PanelProps<PanelOptions>) => (
  <Suspense fallback={<Loading text="Loading the panel" />}>
    <ReplayPanel {...props} />
  </Suspense>
))
  .setNoPadding()
  .setDataSupport({ annotations: true, alertStates: false })
  .setMigrationHandler(({ options }) => migrateOptions(options))
  .setPanelOptions((builder) => {
    const session = ['What to play'];
    const view = ['Playback'];
    const dashboard = ['Dashboard'];
    const privacy = ['Privacy'];
    builder
      .addCustomEditor({
        id: 'dataSourceUid',
        path: 'dataSourceUid',
        name: 'Replays from',
        description: 'A Session Replay data source. Without one, the query’s or the default one.',
        category: session,
        defaultValue: DEFAULTS.dataSourceUid,
        editor: DataSourceEditor,
      })
      .addTextInput({
        path: 'sessionId',
        name: 'Session',
        description: 'An id or a variable. Empty: the session that the trace names.',
        category: session,
        defaultValue: DEFAULTS.sessionId,
      })
      .addTextInput({
        path: 'traceId',
        name: 'Trace',
        description: 'An id or a variable. Empty: the trace in the panel’s data.',
        category: session,
        defaultValue: DEFAULTS.traceId,
      })
      .addTextInput({
        path: 'spanId',
        name: 'Span',
        description: 'Where it opens. Empty: the span in which the trace first failed.',
        category: session,
        defaultValue: DEFAULTS.spanId,
      })
      .addNumberInput({
        path: 'leadInSeconds',
        name: 'Seconds before the span',
        category: view,
        defaultValue: DEFAULTS.leadInSeconds,
        settings: { min: 0, max: 3600, step: 1 },
      })
      .addBooleanSwitch({
        path: 'lists',
        name: 'Lists beside the picture',
        description: 'Spans, requests, console, errors and events.',
        category: view,
        defaultValue: DEFAULTS.lists,
      })
      .addSelect({
        path: 'firstTab',
        name: 'First list',
        category: view,
        defaultValue: DEFAULTS.firstTab,
        showIf: ({ lists }) => lists,
        settings: {
          options: [
            { value: 'spans', label: 'Spans' },
            { value: 'network', label: 'Network' },
            { value: 'console', label: 'Console' },
            { value: 'errors', label: 'Errors' },
            { value: 'events', label: 'Events' },
            { value: 'details', label: 'Details' },
          ],
        },
      })
      .addRadio({
        path: 'cursor',
        name: 'Crosshair of other panels',
        description: 'Marks the moment on the time line, or shows it while the replay is paused.',
        category: dashboard,
        defaultValue: DEFAULTS.cursor,
        settings: {
          options: [
            { value: 'marker', label: 'Mark' },
            { value: 'seek', label: 'Show' },
            { value: 'off', label: 'Ignore' },
          ],
        },
      })
      .addBooleanSwitch({
        path: 'shareCursor',
        name: 'Move the crosshair while playing',
        description: 'Needs a shared crosshair in the dashboard’s settings.',
        category: dashboard,
        defaultValue: DEFAULTS.shareCursor,
      })
      .addStringArray({
        path: 'allowHosts',
        name: 'Load from hosts',
        description:
          'Your browser asks them for pictures, fonts and styles of recorded pages, as in cdn.example.com or *.example.com. None: nothing is asked for.',
        category: privacy,
        defaultValue: DEFAULTS.allowHosts,
      })
      .addBooleanSwitch({
        path: 'maskAllText',
        name: 'Hide all text',
        category: privacy,
        defaultValue: DEFAULTS.maskAllText,
      })
      .addStringArray({
        path: 'maskSelectors',
        name: 'Hide elements',
        description: 'CSS selectors. Only hides more than was hidden when it was recorded.',
        category: privacy,
        defaultValue: DEFAULTS.maskSelectors,
      })
      .addStringArray({
        path: 'maskTexts',
        name: 'Hide texts',
        description: 'Wherever they stand: in the page, in requests, in the console.',
        category: privacy,
        defaultValue: DEFAULTS.maskTexts,
      });
  });

/** Since Grafana 12.4. Before, a supplier was an object, and is of no use to us. */
interface Suggesting {
  getSuggestions?: unknown;
  setSuggestionsSupplier(
    supplier: (data: {
      hasPreferredVisualisationType(type: 'trace'): boolean;
    }) => Array<{ name: string; description: string }> | undefined,
  ): unknown;
}

const suggesting = plugin as unknown as Suggesting;
if (typeof suggesting.getSuggestions === 'function') {
  suggesting.setSuggestionsSupplier((data) =>
    data.hasPreferredVisualisationType('trace')
      ? [{ name: 'Session replay', description: 'What the user saw when this happened' }]
      : undefined,
  );
}
