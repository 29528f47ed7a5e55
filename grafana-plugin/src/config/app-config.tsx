/** What an administrator chooses for the app: where replays are, and where traces are opened. */
import type { AppPluginMeta, PluginConfigPageProps } from '@grafana/data';
import { DataSourcePicker, getBackendSrv, getDataSourceSrv } from '@grafana/runtime';
import { Alert, Button, Field, FieldSet, Stack } from '@grafana/ui';
import { useState } from 'react';
import { lastValueFrom } from 'rxjs';
import { listDataSources, NoDataSourceError } from '../datasource/replay-source';
import { APP_ID, DATASOURCE_ID } from '../plugin-ids';
import { NoDataSource } from '../replay/no-data-source';
import { readSettings, type AppSettings } from '../replay/settings';

type Status = { severity: 'success' | 'error' | 'info'; text: string } | undefined;

export function AppConfig({ plugin }: PluginConfigPageProps<AppPluginMeta>) {
  const { meta } = plugin;
  const saved = readSettings(meta.jsonData);
  const [settings, setSettings] = useState<AppSettings>(saved);
  const [status, setStatus] = useState<Status>();
  const [isBusy, setBusy] = useState(false);
  if (listDataSources().length === 0) {
    return (
      <NoDataSource
        error={
          new NoDataSourceError(
            'Add a data source with the address and the token of the processor’s replay API; this page then lets you choose it.',
          )
        }
      />
    );
  }
  const run = async (work: () => Promise<Status>) => {
    setBusy(true);
    setStatus(await work().catch(failed));
    setBusy(false);
  };
  const change = (part: Partial<AppSettings>) => setSettings({ ...settings, ...part });
  const isChanged = JSON.stringify(settings) !== JSON.stringify(saved);
  return (
    <FieldSet>
      <Field
        label="Replays"
        description="The data source that links and pages of this app use. Without a choice: the default one."
      >
        <DataSourcePicker
          inputId="replay-data-source"
          type={DATASOURCE_ID}
          current={settings.datasourceUid ?? null}
          noDefault
          width={48}
          placeholder="Default Session Replay data source"
          onChange={({ uid }) => change({ datasourceUid: uid })}
          onClear={() => setSettings(without(settings, 'datasourceUid'))}
        />
      </Field>
      <Field
        label="Traces"
        description="Where spans of a replay are opened in Explore, if the replay was not opened from a trace."
      >
        <DataSourcePicker
          inputId="trace-data-source"
          type={['tempo', 'jaeger', 'zipkin']}
          current={settings.traceDatasourceUid ?? null}
          noDefault
          width={48}
          placeholder="First data source with traces"
          onChange={({ uid }) => change({ traceDatasourceUid: uid })}
          onClear={() => setSettings(without(settings, 'traceDatasourceUid'))}
        />
      </Field>
      <Stack gap={1}>
        <Button
          disabled={isBusy || !isChanged}
          onClick={() => void run(() => save(meta, settings))}
        >
          Save
        </Button>
        <Button
          variant="secondary"
          disabled={isBusy}
          onClick={() => void run(() => test(settings.datasourceUid))}
        >
          Test
        </Button>
      </Stack>
      <div aria-live="polite">
        {status === undefined ? null : (
          <Alert severity={status.severity} title={status.text} topSpacing={2} />
        )}
      </div>
    </FieldSet>
  );
}

async function save(meta: AppPluginMeta, settings: AppSettings): Promise<Status> {
  const { enabled = true, pinned = true } = meta;
  await lastValueFrom(
    getBackendSrv().fetch({
      url: `api/plugins/${APP_ID}/settings`,
      method: 'POST',
      data: { enabled, pinned, jsonData: settings },
      showErrorAlert: false,
    }),
  );
  return { severity: 'success', text: 'Saved. Pages that are open use it after a reload.' };
}

async function test(uid: string | undefined): Promise<Status> {
  const first = listDataSources()[0];
  const dataSource = await getDataSourceSrv().get(uid ?? first?.uid);
  const { status, message } = await dataSource.testDatasource();
  return { severity: status === 'success' ? 'success' : 'error', text: message };
}

function failed(error: unknown): Status {
  const { data, message } = Object(error) as { data?: { message?: string }; message?: string };
  return { severity: 'error', text: data?.message ?? message ?? 'That failed. Try again.' };
}

function without(settings: AppSettings, name: keyof AppSettings): AppSettings {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => key !== name));
}
