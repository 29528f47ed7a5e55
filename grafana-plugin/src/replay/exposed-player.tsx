/** What other plugins embed: `usePluginComponent('otelreplay-sessionreplay-app/player/v1')`. Loaded lazily. */
import { css } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import { GrafanaPlayer } from './grafana-player';

/** Props of version 1; they stay as they are. Fills the height of what it is in, 360 px at least. */
export interface ExposedPlayerProps {
  sessionId?: string;
  /** Opens at this trace; finds the session where none is given. */
  traceId?: string;
  /** Unix milliseconds to open at. */
  time?: number;
  /** Of a Session Replay data source; absent: the default one. */
  datasourceUid?: string;
}

export function ExposedPlayer({ sessionId, traceId, time, datasourceUid }: ExposedPlayerProps) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.stage}>
      <GrafanaPlayer {...{ sessionId, traceId, time, datasourceUid }} keyboard="focus" />
    </div>
  );
}

const getStyles = () => ({
  stage: css({
    height: '100%',
    minHeight: 360,
    display: 'flex',
    '& > *': { flex: 1, minWidth: 0 },
  }),
});
