/** Nobody has told Grafana yet where replays are. */
import { locationUtil } from '@grafana/data';
import { hasPermission } from '@grafana/runtime';
import { EmptyState, LinkButton } from '@grafana/ui';
import type { NoDataSourceError } from '../datasource/replay-source';
import { DATASOURCE_ID } from '../plugin-ids';

export function NoDataSource({ error }: { error: NoDataSourceError }) {
  return (
    <div data-testid="replay-no-data-source">
      <EmptyState
        variant="call-to-action"
        message="Where are the replays?"
        button={
          hasPermission('datasources:create') ? (
            <LinkButton
              icon="plus"
              href={locationUtil.assureBaseUrl(`/connections/datasources/${DATASOURCE_ID}`)}
            >
              Add a Session Replay data source
            </LinkButton>
          ) : undefined
        }
      >
        {error.message}
        {hasPermission('datasources:create') ? null : ' An administrator of Grafana can do that.'}
      </EmptyState>
    </div>
  );
}
