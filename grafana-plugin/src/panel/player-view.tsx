/** The player in a dashboard: opened at the trace, with the trace and the annotations on its time line. */
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2, PanelProps } from '@grafana/data';
import { useStyles2 } from '@grafana/ui';
import {
  Store,
  backendShift,
  clockSkewOf,
  type Playback,
  type PlaybackError,
  type PlaybackState,
} from '@otel-replay/player';
import { useCallback, useMemo, useState, useSyncExternalStore } from 'react';
import { GrafanaPlayer } from '../replay/grafana-player';
import { marksOf } from '../trace/focus';
import { annotationMarks } from './annotations';
import { useCrosshair } from './crosshair';
import { HeadStrip } from './head-strip';
import { maskingOf, type PanelOptions } from './options';
import { FailureState } from './states/failure-state';
import type { Target } from './target';

type Props = Pick<
  PanelProps<PanelOptions>,
  'data' | 'eventBus' | 'height' | 'onChangeTimeRange' | 'options' | 'width'
> & {
  target: Target;
  /** To choose from: also those of other sessions. */
  allTraces: Target['traces'];
  onTrace: (traceId: string) => void;
  dataSource: { uid: string; name: string };
};

/** A lower panel has no room for anything but the picture and its time line. */
const STRIP_FROM_HEIGHT = 280;

export function PlayerView(props: Props) {
  const { target, options, data, dataSource, width, height } = props;
  const styles = useStyles2(getStyles);
  const [playback, setPlayback] = useState<Playback>();
  const state = usePlaybackState(playback);
  const skewMs = state?.session === undefined ? 0 : clockSkewOf(state.session);
  const shiftMs = backendShift(skewMs);
  const crosshair = useCrosshair({
    eventBus: props.eventBus,
    playback,
    mode: options.cursor,
    share: options.shareCursor,
    shiftMs,
  });
  const extraSpans = useMemo(() => target.traces.flatMap(({ spans }) => spans), [target.traces]);
  const extraMarks = useExtraMarks(state, target, data.annotations, skewMs);
  const masking = useStable(maskingOf(options));
  const allowHosts = useStable(options.allowHosts);
  const failure = useCallback(
    (error: PlaybackError, retry: () => void) => (
      <FailureState error={error} target={target} dataSource={dataSource} onRetry={retry} />
    ),
    [target, dataSource],
  );
  return (
    <div
      className={cx(styles.view, state?.status === 'error' && styles.failed)}
      data-testid="replay-panel"
    >
      {state === undefined || height < STRIP_FROM_HEIGHT || state.status === 'error' ? null : (
        <HeadStrip
          state={state}
          width={width}
          correctedMs={shiftMs === 0 ? 0 : skewMs}
          traces={props.allTraces}
          traceId={target.traceId}
          onTrace={props.onTrace}
          dataSourceUid={dataSource.uid}
          now={() => (playback?.clock.getSnapshot() ?? state.from) - shiftMs}
          toDashboard={(time) => time - shiftMs}
          onZoom={props.onChangeTimeRange}
        />
      )}
      <div className={styles.player}>
        <GrafanaPlayer
          sessionId={target.sessionId}
          traceId={target.traceId}
          recordingId={target.recordingId}
          time={target.time}
          datasourceUid={dataSource.uid}
          extraSpans={extraSpans}
          extraMarks={extraMarks}
          hoverTime={crosshair.hoverTime}
          onHoverTime={crosshair.onHoverTime}
          keyboard="focus"
          initialTab={options.firstTab}
          lists={options.lists ? 'auto' : 'none'}
          allowHosts={allowHosts}
          masking={masking}
          failure={failure}
          onPlayback={setPlayback}
        />
      </div>
    </div>
  );
}

const NONE = new Store<PlaybackState | undefined>(undefined);

function usePlaybackState(playback: Playback | undefined): PlaybackState | undefined {
  const store: Pick<
    Store<PlaybackState | undefined>,
    'subscribe' | 'getSnapshot'
  > = playback?.state ?? NONE;
  return useSyncExternalStore(store.subscribe, store.getSnapshot);
}

/** Of what the player does not know itself. */
function useExtraMarks(
  state: PlaybackState | undefined,
  target: Target,
  annotations: PanelProps['data']['annotations'],
  skewMs: number,
) {
  const { from = 0, to = 0 } = state ?? {};
  const failed = (state?.marks ?? []).filter(
    ({ kind }) => kind === 'error' || kind === 'failed_request',
  );
  const known = useStable([...new Set(failed.map(({ traceId }) => traceId ?? ''))]);
  return useMemo(() => {
    const isNew = ({ kind, traceId = '' }: { kind: string; traceId?: string }) =>
      kind !== 'error' || !known.includes(traceId);
    const ofTraces = marksOf(target.traces, skewMs).filter(isNew);
    const noted = annotationMarks(annotations ?? [], backendShift(skewMs));
    return [...ofTraces, ...noted.filter(({ time }) => time >= from && time <= to)];
  }, [target.traces, annotations, skewMs, known, from, to]);
}

/** The same object as before while it says the same: the player opens anew for another one. */
function useStable<T>(value: T): T {
  const [held, setHeld] = useState(value);
  const isSame = JSON.stringify(held) === JSON.stringify(value);
  if (!isSame) {
    setHeld(value);
  }
  return isSame ? held : value;
}

const getStyles = (theme: GrafanaTheme2) => ({
  view: css({
    display: 'flex',
    flexDirection: 'column',
    height: '100%',
    minHeight: 0,
    background: theme.colors.background.primary,
  }),
  // In one column, picture and controls are what is seen first, and the lists come below them.
  player: css({
    flex: 1,
    minHeight: 0,
    minWidth: 0,
    containerType: 'size',
    '@container replay (max-width: 860px)': {
      '& .replay-player .replay-main': { height: '100cqh' },
      '& .replay-player .replay-main .replay-stage-box': { height: 'auto', flex: 1, minHeight: 0 },
    },
  }),
  // The state fills the panel: no stage within it.
  failed: css({
    '& .replay-player .replay-layout': {
      height: '100%',
      minHeight: 0,
      gridTemplateRows: 'minmax(0, 1fr)',
    },
    '& .replay-player .replay-main': { padding: 0, height: '100%' },
    '& .replay-player .replay-stage': { border: 0, borderRadius: 0, boxShadow: 'none' },
    '& .replay-player .replay-main .replay-stage-box': { height: '100%', minHeight: 0 },
  }),
});
