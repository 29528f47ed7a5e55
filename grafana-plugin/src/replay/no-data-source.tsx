/** Nobody has told Grafana yet where replays are. */
import { locationUtil } from '@grafana/data';
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
          <LinkButton
            icon="plus"
            href={locationUtil.assureBaseUrl(`/connections/datasources/${DATASOURCE_ID}`)}
          >
            Add a Session Replay data source
          </LinkButton>
        }
      >
        {error.message}
      </EmptyState>
    </div>
  );
}
