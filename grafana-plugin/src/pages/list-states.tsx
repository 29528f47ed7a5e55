/** Why there is nothing in the list, and what to do. */
import type { DataSourceInstanceSettings } from '@grafana/data';
import { hasPermission } from '@grafana/runtime';
import { Alert, Button, EmptyState, LinkButton, Stack } from '@grafana/ui';
import { ReplaySourceError } from '@otel-replay/player';
import { DEFAULT_RANGE, type Filters } from './filters';
import { hrefOf } from './paths';
import { setSearch } from './use-address';

export function NothingFound({ filters }: { filters: Filters }) {
  const { text, service, errors, from, to } = filters;
  const isFiltered = text !== '' || service !== '' || errors !== undefined;
  if (isFiltered) {
    return (
      <EmptyState
        variant="not-found"
        message="No session matches"
        button={
          <Button
            variant="secondary"
            onClick={() => setSearch({ q: undefined, service: undefined, errors: undefined })}
          >
            Clear the filters
          </Button>
        }
      >
        Search takes a trace id, a session id, a user id, or a part of a page’s address.
      </EmptyState>
    );
  }
  const isDefault = from === DEFAULT_RANGE.from && to === DEFAULT_RANGE.to;
  return (
    <EmptyState
      variant="not-found"
      message={isDefault ? 'No sessions in the last 24 hours' : 'No sessions in this time'}
      button={
        <Button variant="secondary" onClick={() => setSearch({ from: 'now-30d', to: 'now' })}>
          Look at the last 30 days
        </Button>
      }
    >
      Sessions appear a few seconds after a page with the recorder sends its first spans, once one
      of the processor’s policies wants to keep them.
    </EmptyState>
  );
}

interface FailureProps {
  error: Error;
  dataSource: Pick<DataSourceInstanceSettings, 'uid' | 'name'>;
  onRetry: () => void;
}

export function ListFailure({ error, dataSource, onRetry }: FailureProps) {
  const kind = error instanceof ReplaySourceError ? error.kind : 'internal';
  return (
    <div data-testid="list-failure" data-kind={kind}>
      <Alert severity="error" title={TITLES[kind]}>
        <Stack direction="column" gap={2} alignItems="flex-start">
          {error.message}
          <Stack gap={1}>
            <Button size="sm" variant="secondary" icon="sync" onClick={onRetry}>
              Try again
            </Button>
            {hasPermission('datasources:write') ? (
              <LinkButton
                size="sm"
                variant="secondary"
                icon="cog"
                href={hrefOf(`/connections/datasources/edit/${encodeURIComponent(dataSource.uid)}`)}
              >
                Settings of {dataSource.name}
              </LinkButton>
            ) : null}
          </Stack>
        </Stack>
      </Alert>
    </div>
  );
}

const TITLES: Readonly<Record<ReplaySourceError['kind'] | 'internal', string>> = {
  unauthorized: 'You are not let in',
  unreachable: 'The replay API does not answer',
  server: 'The replay API failed',
  bad_request: 'That could not be asked',
  no_replay: 'There is no replay',
  corrupt: 'The replay API sent something unreadable',
  internal: 'The sessions could not be listed',
};
