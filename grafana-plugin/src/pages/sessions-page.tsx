/** The list of sessions: search, filters, time range. */
import { css } from '@emotion/css';
import type { DataSourceInstanceSettings, GrafanaTheme2, TimeRange } from '@grafana/data';
import { PluginPage } from '@grafana/runtime';
import { Button, LoadingBar, useStyles2 } from '@grafana/ui';
import { useMemo, useState } from 'react';
import { replaySourceFor } from '../datasource/replay-source';
import { FilterBar } from './filter-bar';
import { rangeOf, readFilters, requestOf } from './filters';
import { ListFailure, NothingFound } from './list-states';
import { SessionTable, SkeletonTable } from './session-table';
import { useAddress } from './use-address';
import { useSessionList } from './use-session-list';

export function SessionsPage({ dataSource }: { dataSource: DataSourceInstanceSettings }) {
  const styles = useStyles2(getStyles);
  const { search } = useAddress();
  const [attempt, setAttempt] = useState(0);
  const filters = useMemo(() => readFilters(search), [search]);
  // `now` is the moment at which the list was asked for, also for its further pages.
  const range = useRange(filters, attempt);
  const source = replaySourceFor(dataSource.uid);
  const list = useSessionList(source, requestOf(filters, range), attempt);
  const { sessions, error, isLoading } = list;
  const refresh = () => setAttempt(attempt + 1);
  const isEmpty = sessions.length === 0;
  return (
    <PluginPage subTitle="See what users saw, and open the traces behind it.">
      <FilterBar
        filters={filters}
        range={range}
        services={servicesOf(sessions.map((one) => one.serviceNames))}
        isLoading={isLoading}
        onRefresh={refresh}
      />
      <div className={styles.bar} aria-hidden>
        {isLoading && !isEmpty ? <LoadingBar width={300} /> : null}
      </div>
      <div aria-live="polite" aria-busy={isLoading}>
        {error !== undefined ? (
          <ListFailure error={error} dataSource={dataSource} onRetry={refresh} />
        ) : isEmpty && isLoading ? (
          <SkeletonTable />
        ) : isEmpty ? (
          <NothingFound filters={filters} />
        ) : (
          <SessionTable sessions={sessions} datasourceUid={dataSource.uid} />
        )}
      </div>
      {list.hasMore && error === undefined ? (
        <div className={styles.more}>
          <Button variant="secondary" onClick={list.loadMore} disabled={isLoading}>
            {isLoading ? 'Loading…' : 'Show older sessions'}
          </Button>
        </div>
      ) : null}
    </PluginPage>
  );
}

/** @param attempt reads the clock again when it changes */
function useRange({ from, to }: { from: string; to: string }, attempt: number): TimeRange {
  return useMemo(() => {
    void attempt;
    return rangeOf({ from, to });
  }, [from, to, attempt]);
}

const servicesOf = (names: readonly string[][]): string[] => [...new Set(names.flat())].sort();

const getStyles = (theme: GrafanaTheme2) => ({
  bar: css({ height: 2, overflow: 'hidden', marginBottom: theme.spacing(1) }),
  more: css({ display: 'flex', justifyContent: 'center', padding: theme.spacing(2) }),
});
