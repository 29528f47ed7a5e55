/** The replay of a trace, over the trace. Loaded lazily. */
import { css } from '@emotion/css';
import { useStyles2 } from '@grafana/ui';
import { GrafanaPlayer, type GrafanaPlayerProps } from './grafana-player';

type Props = Pick<GrafanaPlayerProps, 'sessionId' | 'traceId' | 'extraSpans' | 'traceSourceUid'>;

export function ReplayModal(props: Props) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.stage} data-testid="replay-modal">
      <GrafanaPlayer {...props} keyboard="focus" initialTab="spans" />
    </div>
  );
}

const getStyles = () => ({
  // A modal gives its body no height to fill.
  stage: css({
    height: 'calc(92vh - 110px)',
    minHeight: 360,
    display: 'flex',
    '& > *': { flex: 1, minWidth: 0 },
  }),
});
