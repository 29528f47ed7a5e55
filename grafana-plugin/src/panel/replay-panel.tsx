/** Decides what the panel shows: the player, or the state that says why there is none. */
import { LoadingState, type PanelProps } from '@grafana/data';
import { ErrorBoundary } from '@grafana/ui';
import { Suspense, lazy, useCallback, useMemo, useState } from 'react';
import { NoDataSourceError, findDataSource } from '../datasource/replay-source';
import { checkPlaybackOptions } from '@otel-replay/player';
import { readTraces } from '../trace/read-traces';
import { maskingOf, type PanelOptions } from './options';
import { isSandboxed } from './sandbox';
import { Loading } from './states/loading';
import {
  BadOption,
  Crashed,
  NoAddress,
  NotConfigured,
  NothingToPlay,
  QueryFailed,
  Sandboxed,
} from './states/nothing-to-play';
import { readTarget } from './target';

const PlayerView = lazy(async () => ({ default: (await import('./player-view')).PlayerView }));

export function ReplayPanel(props: PanelProps<PanelOptions>) {
  const { data, options, replaceVariables } = props;
  const [sandboxed] = useState(isSandboxed);
  const [chosen, setChosen] = useState<string>();
  const allTraces = useMemo(() => readTraces(data.series), [data.series]);
  const target = useMemo(
    () => readTarget(data.series, options, (text) => replaceVariables(text), chosen),
    // Variables are no props: their values are.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [data.series, options, chosen, variablesOf(options, replaceVariables)],
  );
  const dataSource = useDataSource(typeof target === 'string' ? undefined : target.dataSourceUid);
  const problem = useMemo(() => problemOf(options), [options]);
  const onTrace = useCallback((traceId: string) => setChosen(traceId), []);
  if (sandboxed) {
    return <Sandboxed />;
  }
  if (typeof target === 'string') {
    if (data.state === LoadingState.Loading || data.state === LoadingState.NotStarted) {
      return <Loading text="Loading the trace" />;
    }
    const { errors = [] } = data;
    return errors.length > 0 ? <QueryFailed errors={errors} /> : <NothingToPlay reason={target} />;
  }
  if (dataSource instanceof NoDataSourceError) {
    return <NotConfigured error={dataSource} />;
  }
  if (!dataSource.hasUrl) {
    return <NoAddress name={dataSource.name} uid={dataSource.uid} />;
  }
  if (problem !== undefined) {
    return <BadOption error={problem} />;
  }
  return (
    <ErrorBoundary dependencies={[options, target]}>
      {({ error }) =>
        error === null ? (
          <Suspense fallback={<Loading text="Loading the player" />}>
            <PlayerView
              {...props}
              target={target}
              allTraces={allTraces}
              onTrace={onTrace}
              dataSource={dataSource}
            />
          </Suspense>
        ) : (
          <Crashed error={error} />
        )
      }
    </ErrorBoundary>
  );
}

/** What the player would refuse; said before it is drawn, which would end it with a stack trace. */
function problemOf(options: PanelOptions): Error | undefined {
  try {
    checkPlaybackOptions({ allowHosts: options.allowHosts, masking: maskingOf(options) });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

interface DataSource {
  uid: string;
  name: string;
  hasUrl: boolean;
}

function useDataSource(wanted: string | undefined): DataSource | NoDataSourceError {
  return useMemo(() => {
    try {
      const { uid, name, jsonData } = findDataSource(wanted);
      const { url } = jsonData as { url?: unknown };
      return { uid, name, hasUrl: typeof url === 'string' && url.trim() !== '' };
    } catch (error) {
      if (error instanceof NoDataSourceError) {
        return error;
      }
      throw error;
    }
  }, [wanted]);
}

function variablesOf(
  { dataSourceUid, sessionId, traceId, spanId }: PanelOptions,
  replaceVariables: PanelProps['replaceVariables'],
): string {
  return [dataSourceUid, sessionId, traceId, spanId]
    .map((text) => replaceVariables(text))
    .join('\n');
}
