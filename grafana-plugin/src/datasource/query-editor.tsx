/** What to ask the replay API, in Explore and in panels. */
import { CoreApp, type QueryEditorProps } from '@grafana/data';
import { InlineField, InlineFieldRow, RadioButtonGroup } from '@grafana/ui';
import type { ReplayDataSource } from './datasource';
import { TextInput } from './text-input';
import { MAX_LIMIT, type ReplayOptions, type ReplayQuery, type ReplayQueryType } from './types';

type Props = QueryEditorProps<ReplayDataSource, ReplayQuery, ReplayOptions>;

const TYPES: Array<{ value: ReplayQueryType; label: string; description: string }> = [
  {
    value: 'sessions',
    label: 'Sessions',
    description: 'The sessions of the time range, newest first',
  },
  { value: 'session', label: 'Replay', description: 'One session, played' },
  {
    value: 'errors',
    label: 'Errors',
    description: 'What went wrong in the sessions of the time range',
  },
];

const ERRORS = [
  { value: undefined, label: 'All' },
  { value: 'with' as const, label: 'With errors' },
  { value: 'without' as const, label: 'Without' },
];

export function QueryEditor({ query, onChange, onRunQuery, app }: Props) {
  const { queryType = 'sessions' } = query;
  const change = (part: Partial<ReplayQuery>) => {
    onChange({ ...query, queryType, ...part });
    onRunQuery();
  };
  const text = (name: TextName, label: string, tooltip: string, placeholder: string) => (
    <InlineField label={label} tooltip={tooltip} labelWidth={14}>
      <TextInput
        id={`${query.refId}-${name}`}
        value={query[name] ?? ''}
        placeholder={placeholder}
        onCommit={(value) => change({ [name]: value === '' ? undefined : value })}
      />
    </InlineField>
  );
  return (
    <>
      {/* An annotation is always of errors. */}
      {app === CoreApp.Unknown ? null : (
        <InlineFieldRow>
          <InlineField label="Show" labelWidth={14}>
            <RadioButtonGroup
              options={TYPES}
              value={queryType}
              onChange={(value) => change({ queryType: value })}
            />
          </InlineField>
        </InlineFieldRow>
      )}
      {queryType === 'session' ? (
        <InlineFieldRow>
          {text('sessionId', 'Session', 'The session’s id, or a variable', '${sessionId}')}
          {text(
            'traceId',
            'Trace',
            'Finds the session of this trace, and starts at it',
            '${traceId}',
          )}
          {text('spanId', 'Span', 'Starts at this span of the trace', '${spanId}')}
        </InlineFieldRow>
      ) : null}
      {queryType === 'sessions' ? (
        <>
          <InlineFieldRow>
            {text(
              'text',
              'Search',
              'A trace id, a session id, a user, or a part of an address',
              'Trace, session, user, or address',
            )}
            <InlineField label="Errors" labelWidth={14}>
              <RadioButtonGroup
                options={ERRORS}
                value={query.errors}
                onChange={(errors) => change({ errors })}
              />
            </InlineField>
            <InlineField label="Limit" labelWidth={8} tooltip={`At most ${MAX_LIMIT}`}>
              <TextInput
                id={`${query.refId}-limit`}
                type="number"
                width={12}
                value={query.limit === undefined ? '' : String(query.limit)}
                placeholder="100"
                onCommit={(value) => change({ limit: limitOf(value) })}
              />
            </InlineField>
          </InlineFieldRow>
        </>
      ) : null}
      {queryType === 'errors' ? (
        <InlineFieldRow>
          {text('sessionId', 'Session', 'Only errors of this session', 'All sessions')}
        </InlineFieldRow>
      ) : null}
      {queryType === 'session' ? null : (
        <InlineFieldRow>
          {text(
            'service',
            'Service',
            'service.name; a variable may have several values',
            'All services',
          )}
          {text('user', 'User', 'user.id or user.hash', 'All users')}
          {text('url', 'Address', 'Part of the address of any page', 'All pages')}
        </InlineFieldRow>
      )}
    </>
  );
}

type TextName = 'sessionId' | 'traceId' | 'spanId' | 'text' | 'service' | 'user' | 'url';

/** At least one; nonsense is the default. */
function limitOf(text: string): number | undefined {
  const value = Math.floor(Number(text));
  return text === '' || !Number.isFinite(value)
    ? undefined
    : Math.min(Math.max(value, 1), MAX_LIMIT);
}
