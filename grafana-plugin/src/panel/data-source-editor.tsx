/** Grafana's own picker, of our data sources only. */
import type { StandardEditorProps } from '@grafana/data';
import { DataSourcePicker } from '@grafana/runtime';
import { DATASOURCE_ID } from '../plugin-ids';

export function DataSourceEditor({ value, onChange, id }: StandardEditorProps<string>) {
  return (
    <DataSourcePicker
      inputId={id}
      type={DATASOURCE_ID}
      current={value === '' ? null : value}
      noDefault
      placeholder="The query’s or the default one"
      onChange={({ uid }) => onChange(uid)}
      onClear={() => onChange('')}
    />
  );
}
