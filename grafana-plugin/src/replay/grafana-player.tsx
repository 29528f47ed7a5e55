/** The player, at home in Grafana: its theme, its data source, its ways to traces. Loaded lazily. */
import '@otel-replay/player/react/player.css';
import { locationUtil } from '@grafana/data';
import { useStyles2, useTheme2 } from '@grafana/ui';
import { ReplayPlayer, type ReplayPlayerProps } from '@otel-replay/player/react';
import { useCallback, useMemo } from 'react';
import { NoDataSourceError, replaySourceFor } from '../datasource/replay-source';
import { sessionPath } from '../pages/paths';
import { exploreHref, findTraceSource } from './explore-link';
import { NoDataSource } from './no-data-source';
import { getPlayerTheme } from './player-theme';
import { useAppSettings } from './settings';

/** Where webpack finds the chunks of the app; the panel's is put right in `publicPath.ts`. */
declare const __webpack_public_path__: string;

export interface GrafanaPlayerProps extends Pick<
  ReplayPlayerProps,
  | 'sessionId'
  | 'traceId'
  | 'recordingId'
  | 'time'
  | 'extraSpans'
  | 'extraMarks'
  | 'hoverTime'
  | 'onHoverTime'
  | 'allowHosts'
  | 'masking'
  | 'failure'
  | 'initialTab'
  | 'lists'
  | 'keyboard'
  | 'onOpened'
  | 'onPlayback'
> {
  /** Of a Session Replay data source; absent: the app's choice, or the default one. */
  datasourceUid?: string;
  /** Of the data source that spans are opened in. */
  traceSourceUid?: string;
}

export function GrafanaPlayer({ datasourceUid, traceSourceUid, ...props }: GrafanaPlayerProps) {
  const settings = useAppSettings();
  const { isDark } = useTheme2();
  const themed = useStyles2(getPlayerTheme);
  const uid = datasourceUid ?? settings.datasourceUid;
  const source = useMemo(() => openSource(uid), [uid]);
  const traces = traceSourceUid ?? settings.traceDatasourceUid;
  const spanHref = useCallback(
    (traceId: string, spanId: string) => {
      const found = findTraceSource(traces);
      return found === undefined ? '' : exploreHref(found, { traceId, spanId });
    },
    [traces],
  );
  const linkTo = useCallback(
    (sessionId: string, time: number) =>
      location.origin +
      locationUtil.assureBaseUrl(sessionPath(sessionId, { time, datasourceUid: uid })),
    [uid],
  );
  if (source instanceof NoDataSourceError) {
    return <NoDataSource error={source} />;
  }
  return (
    <div className={themed}>
      <ReplayPlayer
        {...props}
        source={source}
        theme={isDark ? 'dark' : 'light'}
        linkTo={linkTo}
        oneFileUrl={`${__webpack_public_path__}one-file.html`}
        spanHref={findTraceSource(traces) === undefined ? undefined : spanHref}
      />
    </div>
  );
}

function openSource(uid: string | undefined) {
  try {
    return replaySourceFor(uid);
  } catch (error) {
    if (error instanceof NoDataSourceError) {
      return error;
    }
    throw error;
  }
}
