/** One line above the player: which trace, what was corrected, and what the dashboard can do with it. */
import { css } from '@emotion/css';
import { locationUtil, type AbsoluteTimeRange, type GrafanaTheme2 } from '@grafana/data';
import { Badge, Button, Combobox, Dropdown, Icon, LinkButton, Menu, useStyles2 } from '@grafana/ui';
import type { PlaybackState } from '@otel-replay/player';
import { sessionPath } from '../pages/paths';
import type { TraceReading } from '../trace/read-traces';

/** Recorded time to either side of the moment that is zoomed to. */
const AROUND_MS = 30_000;

export interface HeadStripProps {
  state: PlaybackState;
  width: number;
  /** Processor clock minus browser clock; 0 when nothing was corrected. */
  correctedMs: number;
  traces: readonly TraceReading[];
  traceId: string | undefined;
  onTrace: (traceId: string) => void;
  dataSourceUid: string;
  /** The playhead on the dashboard's clock. */
  now: () => number;
  /** From the browser's clock to the dashboard's. */
  toDashboard: (time: number) => number;
  onZoom: (range: AbsoluteTimeRange) => void;
}

export function HeadStrip(props: HeadStripProps) {
  const { state, width, correctedMs, traces, traceId, onTrace, now, toDashboard, onZoom } = props;
  const styles = useStyles2(getStyles);
  const { session } = state;
  if (session === undefined) {
    return null;
  }
  const isNarrow = width < 560;
  const [only] = traces;
  const zoomTo = (from: number, to: number) =>
    onZoom({ from: Math.floor(from), to: Math.ceil(to) });
  const menu = (
    <Menu>
      <Menu.Item
        label="This moment, ±30 s"
        icon="stopwatch"
        onClick={() => zoomTo(now() - AROUND_MS, now() + AROUND_MS)}
      />
      <Menu.Item
        label="The whole session"
        icon="arrows-h"
        onClick={() => zoomTo(toDashboard(state.from), toDashboard(state.to))}
      />
    </Menu>
  );
  return (
    <div className={styles.strip} data-testid="replay-head-strip">
      {traces.length > 1 ? (
        <Combobox
          aria-label="Trace"
          width="auto"
          minWidth={16}
          maxWidth={isNarrow ? 18 : 40}
          value={traceId ?? null}
          options={traces.map(optionOf)}
          onChange={({ value }) => onTrace(value)}
        />
      ) : only === undefined ? null : (
        <span className={styles.trace} title={`Trace ${only.traceId}`}>
          <Icon name="gf-traces" size="sm" aria-hidden="true" />
          <span className={styles.name}>{nameOf(only)}</span>
          {isNarrow ? null : <code>{only.traceId.slice(0, 8)}</code>}
        </span>
      )}
      {correctedMs === 0 ? null : (
        <Badge
          color="blue"
          icon="clock-nine"
          text={isNarrow ? 'Clock corrected' : `Clock corrected by ${seconds(correctedMs)}`}
          tooltip={`The browser’s clock was ${seconds(correctedMs)} ${correctedMs > 0 ? 'behind' : 'ahead of'} the servers’. Backend spans, annotations and the crosshair are shown by the browser’s clock.`}
        />
      )}
      <span className={styles.space} />
      <Dropdown overlay={menu} placement="bottom-end">
        <Button
          variant="secondary"
          fill="text"
          size="sm"
          icon="search-plus"
          aria-label="Zoom the dashboard"
          tooltip="Zoom the dashboard"
        >
          {isNarrow ? null : 'Zoom'}
        </Button>
      </Dropdown>
      <LinkButton
        variant="secondary"
        fill="text"
        size="sm"
        icon="external-link-alt"
        target="_blank"
        aria-label="Open the session on a page of its own"
        tooltip="Open on a page of its own"
        href={locationUtil.assureBaseUrl(
          sessionPath(session.sessionId, { datasourceUid: props.dataSourceUid }),
        )}
      >
        {isNarrow ? null : 'Open'}
      </LinkButton>
    </div>
  );
}

function optionOf({ traceId, spans, errors }: TraceReading) {
  const failed = errors.length > 0 ? ' · failed' : '';
  return { value: traceId, label: nameOf({ spans }) + failed, description: traceId };
}

const nameOf = ({ spans }: Pick<TraceReading, 'spans'>): string => spans[0]?.name ?? 'Trace';

const seconds = (ms: number): string => `${(Math.abs(ms) / 1000).toFixed(1)} s`;

const getStyles = (theme: GrafanaTheme2) => ({
  strip: css({
    display: 'flex',
    flex: 'none',
    alignItems: 'center',
    gap: theme.spacing(1),
    minHeight: theme.spacing(4),
    padding: theme.spacing(0, 1),
    borderBottom: `1px solid ${theme.colors.border.weak}`,
    background: theme.colors.background.primary,
  }),
  trace: css({
    display: 'flex',
    alignItems: 'center',
    gap: theme.spacing(0.75),
    minWidth: 0,
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    '& > svg': { flex: 'none' },
    '& > code': { flex: 'none', margin: 0 },
  }),
  name: css({ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }),
  space: css({ flex: 1 }),
});
