import type { DataSourceApi, QueryEditorProps } from '@grafana/data';
import { InlineField, InlineFieldRow, RadioButtonGroup } from '@grafana/ui';
import { TextInput } from './text-input';
import type { ReplayOptions, ReplayQuery, ReplayVariableQuery } from './types';

type Props = QueryEditorProps<
  DataSourceApi<ReplayQuery, ReplayOptions>,
  ReplayQuery,
  ReplayOptions,
  ReplayVariableQuery
>;

const VALUES: Array<{ value: NonNullable<ReplayVariableQuery['values']>; label: string }> = [
  { value: 'sessions', label: 'Sessions' },
  { value: 'services', label: 'Services' },
  { value: 'users', label: 'Users' },
];

export function VariableEditor({ query, onChange }: Props) {
  const { values = 'sessions' } = query;
  const text = (name: 'service' | 'user' | 'url', label: string, placeholder: string) => (
    <InlineField label={label} labelWidth={14}>
      <TextInput
        id={`variable-${name}`}
        value={query[name] ?? ''}
        placeholder={placeholder}
        onCommit={(value) => onChange({ ...query, [name]: value === '' ? undefined : value })}
      />
    </InlineField>
  );
  return (
    <>
      <InlineField label="Values" labelWidth={14}>
        <RadioButtonGroup
          options={VALUES}
          value={values}
          onChange={(value) => onChange({ ...query, values: value })}
        />
      </InlineField>
      <InlineFieldRow>
        {text('service', 'Service', 'All services')}
        {text('user', 'User', 'All users')}
        {text('url', 'Address', 'All pages')}
      </InlineFieldRow>
    </>
  );
}
