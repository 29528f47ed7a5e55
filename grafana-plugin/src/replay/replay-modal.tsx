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
  // Grafana's modals are 80 % of the window at most, and give their body no height to fill.
  stage: css({
    height: 'calc(80vh - 110px)',
    minHeight: 320,
    display: 'flex',
    '& > *': { flex: 1, minWidth: 0 },
  }),
});
