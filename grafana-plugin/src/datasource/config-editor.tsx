/** Settings of a data source: where the replay API is, and the token for it. */
import {
  onUpdateDatasourceSecureJsonDataOption,
  updateDatasourcePluginResetOption,
  type DataSourcePluginOptionsEditorProps,
} from '@grafana/data';
import { Alert, Field, Input, SecretInput } from '@grafana/ui';
import { useState, type ChangeEvent } from 'react';
import { readApiUrl } from './api-url';
import type { ReplayOptions, ReplaySecrets } from './types';

type Props = DataSourcePluginOptionsEditorProps<ReplayOptions, ReplaySecrets>;

export function ConfigEditor(props: Props) {
  const { options, onOptionsChange } = props;
  const { jsonData, secureJsonFields, secureJsonData, readOnly } = options;
  // What nobody has typed yet is no mistake.
  const [touched, setTouched] = useState(jsonData.url !== undefined);
  const { problem, warning } = readApiUrl(jsonData.url);
  const hasToken = secureJsonFields?.['apiToken'] === true || Boolean(secureJsonData?.apiToken);
  const setUrl = (event: ChangeEvent<HTMLInputElement>) =>
    onOptionsChange({ ...options, jsonData: { ...jsonData, url: event.target.value } });
  return (
    <>
      <Field
        label="URL"
        required
        description="Address of the processor’s replay API, as Grafana’s server reaches it."
        invalid={touched && problem !== undefined}
        error={problem}
      >
        <Input
          id="replay-url"
          width={60}
          placeholder="http://processor:8787"
          value={jsonData.url ?? ''}
          disabled={readOnly}
          spellCheck={false}
          onChange={setUrl}
          onBlur={() => setTouched(true)}
        />
      </Field>
      {problem === undefined && warning !== undefined ? (
        <Alert severity="info" title={warning} />
      ) : null}
      <Field
        label="Token"
        description="The processor’s extensions.replay_api.auth.bearer_token. Grafana’s server adds it to each request; no browser sees it."
      >
        <SecretInput
          id="replay-token"
          width={60}
          placeholder="Bearer token"
          autoComplete="off"
          disabled={readOnly}
          isConfigured={secureJsonFields?.['apiToken'] === true}
          value={secureJsonData?.apiToken ?? ''}
          onChange={onUpdateDatasourceSecureJsonDataOption(props, 'apiToken')}
          onReset={() => updateDatasourcePluginResetOption(props, 'apiToken')}
        />
      </Field>
      {hasToken ? null : (
        <Alert
          severity="info"
          title="Without a token, only a processor on the same machine answers"
        >
          A replay API that listens beyond localhost requires one: set
          extensions.replay_api.auth.bearer_token in its configuration, and enter it here.
        </Alert>
      )}
    </>
  );
}
