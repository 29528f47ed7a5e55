/** The app's pages by address. */
import type { AppRootProps } from '@grafana/data';
import { PluginPage } from '@grafana/runtime';
import { EmptyState, LinkButton } from '@grafana/ui';
import { useMemo } from 'react';
import { NoDataSourceError, findDataSource } from '../datasource/replay-source';
import { NoDataSource } from '../replay/no-data-source';
import { readSettings } from '../replay/settings';
import { hrefOf, readPage, SESSIONS_PATH } from './paths';
import { ReplayPage } from './replay-page';
import { SessionsPage } from './sessions-page';
import { useAddress } from './use-address';

export function App({ meta }: AppRootProps) {
  const { pathname, search } = useAddress();
  const page = useMemo(() => readPage(pathname, search), [pathname, search]);
  const settings = readSettings(meta.jsonData);
  const wanted = new URLSearchParams(search).get('ds') ?? settings.datasourceUid;
  const dataSource = findOurs(wanted);
  if (dataSource instanceof NoDataSourceError) {
    return (
      <PluginPage>
        <NoDataSource error={dataSource} />
      </PluginPage>
    );
  }
  if (page.page === 'unknown') {
    return (
      <PluginPage>
        <EmptyState
          variant="not-found"
          message="There is no such page"
          button={<LinkButton href={hrefOf(SESSIONS_PATH)}>All sessions</LinkButton>}
        />
      </PluginPage>
    );
  }
  return page.page === 'sessions' ? (
    <SessionsPage key={dataSource.uid} dataSource={dataSource} />
  ) : (
    <ReplayPage
      // Another session is another page: nothing of the one before may stay.
      key={page.page === 'session' ? `session ${page.sessionId}` : `trace ${page.traceId}`}
      dataSource={dataSource}
      sessionId={page.page === 'session' ? page.sessionId : undefined}
      traceId={page.page === 'trace' ? page.traceId : page.moment.traceId}
      moment={page.moment}
      traceSourceUid={page.moment.traceSourceUid ?? settings.traceDatasourceUid}
    />
  );
}

function findOurs(uid: string | undefined) {
  try {
    return findDataSource(uid);
  } catch (error) {
    if (error instanceof NoDataSourceError) {
      return error;
    }
    throw error;
  }
}
