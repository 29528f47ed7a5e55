/** One line for each session: when, who, where, what went wrong. A click anywhere on it opens it. */
import { css, cx } from '@emotion/css';
import { dateTimeFormat, dateTimeFormatTimeAgo, type GrafanaTheme2 } from '@grafana/data';
import { Icon, Tooltip, useStyles2 } from '@grafana/ui';
import type { SessionSummary } from '@otel-replay/player';
import { countText, durationText, pageText } from './format';
import { hrefOf, sessionPath } from './paths';

interface Props {
  sessions: readonly SessionSummary[];
  datasourceUid: string;
}

export function SessionTable({ sessions, datasourceUid }: Props) {
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <Head />
        <tbody>
          {sessions.map((session) => (
            <Row key={session.sessionId} session={session} datasourceUid={datasourceUid} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Head() {
  const styles = useStyles2(getStyles);
  return (
    <thead>
      <tr>
        <th scope="col">Started</th>
        <th scope="col">User</th>
        <th scope="col" className={styles.wide}>
          Service
        </th>
        <th scope="col" className={styles.page}>
          Pages
        </th>
        <th scope="col">Problems</th>
        <th scope="col" className={styles.number}>
          Length
        </th>
      </tr>
    </thead>
  );
}

function Row({ session, datasourceUid }: { session: SessionSummary; datasourceUid: string }) {
  const styles = useStyles2(getStyles);
  const { sessionId, firstTimestamp, lastTimestamp, urls, userId, userHash } = session;
  const who = userId ?? userHash;
  return (
    <tr data-testid="session-row">
      <td className={styles.when}>
        <a className={styles.link} href={hrefOf(sessionPath(sessionId, { datasourceUid }))}>
          {dateTimeFormatTimeAgo(firstTimestamp)}
          <span className={styles.reader}>: watch the session of {who ?? 'an anonymous user'}</span>
        </a>
        <span className={styles.sub}>{dateTimeFormat(firstTimestamp)}</span>
      </td>
      <td>
        <span className={cx(styles.cut, who === undefined && styles.weak)} title={who}>
          {who ?? 'Anonymous'}
        </span>
        <span className={cx(styles.sub, styles.cut)}>{sessionId.slice(0, 12)}</span>
      </td>
      <td className={styles.wide}>{session.serviceNames.join(', ')}</td>
      <td className={styles.page}>
        <span className={styles.cut} title={urls.join('\n')}>
          {urls[0] === undefined ? '–' : pageText(urls[0])}
        </span>
        <span className={styles.sub}>
          {countText(Math.max(1, urls.length), 'page')}
          {session.traceCount > 0 ? ` · ${countText(session.traceCount, 'trace')}` : ''}
        </span>
      </td>
      <td>
        <Problems session={session} />
      </td>
      <td className={styles.number}>
        {durationText(lastTimestamp - firstTimestamp)}
        {session.state === 'active' ? (
          <span className={cx(styles.sub, styles.live)}>● live</span>
        ) : null}
      </td>
    </tr>
  );
}

function Problems({ session }: { session: SessionSummary }) {
  const styles = useStyles2(getStyles);
  const { errorCount, rageClickCount, decision } = session;
  return (
    <span className={styles.problems}>
      {errorCount > 0 ? (
        <span className={styles.problem}>
          <Icon name="exclamation-circle" size="sm" className={styles.error} />
          {countText(errorCount, 'error')}
        </span>
      ) : null}
      {rageClickCount > 0 ? (
        <span className={styles.problem}>
          <Icon name="bolt" size="sm" className={styles.warning} />
          {countText(rageClickCount, 'rage click')}
        </span>
      ) : null}
      {decision === undefined ? null : (
        <Tooltip content={`Kept by policy “${decision.policy}”: ${decision.reason}`}>
          <span className={styles.policy} tabIndex={0}>
            {decision.policy}
          </span>
        </Tooltip>
      )}
    </span>
  );
}

/** As high as what will be there, so that nothing jumps. */
export function SkeletonTable() {
  const styles = useStyles2(getStyles);
  return (
    <table className={styles.table} aria-label="Loading sessions" data-testid="skeleton">
      <Head />
      <tbody>
        {Array.from({ length: 8 }, (_, row) => (
          <tr key={row}>
            {[120, 140, 90, 220, 80, 50].map((width, column) => (
              <td key={column} className={[styles.wide, styles.page][column - 2]}>
                <span className={styles.bone} style={{ width }} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  table: css({
    width: '100%',
    tableLayout: 'auto',
    borderCollapse: 'collapse',
    '& th': {
      textAlign: 'left',
      fontWeight: theme.typography.fontWeightMedium,
      fontSize: theme.typography.bodySmall.fontSize,
      color: theme.colors.text.secondary,
      padding: theme.spacing(0.5, 1.5),
      borderBottom: `1px solid ${theme.colors.border.medium}`,
      whiteSpace: 'nowrap',
    },
    '& td': {
      padding: theme.spacing(1, 1.5),
      borderBottom: `1px solid ${theme.colors.border.weak}`,
      verticalAlign: 'top',
    },
    // The link of a row covers it.
    '& tbody tr': { position: 'relative' },
    '& tbody tr:hover': { background: theme.colors.action.hover },
    // The colour of links is too weak on it.
    '& tbody tr:hover a': { color: theme.colors.text.maxContrast, textDecoration: 'underline' },
    [theme.breakpoints.down('md')]: { '& td, & th': { padding: theme.spacing(1, 0.75) } },
  }),
  link: css({
    color: theme.colors.text.link,
    fontWeight: theme.typography.fontWeightMedium,
    '&::after': { content: '""', position: 'absolute', inset: 0 },
    '&:focus-visible::after': {
      outline: `2px solid ${theme.colors.primary.main}`,
      outlineOffset: -2,
    },
  }),
  when: css({ whiteSpace: 'nowrap' }),
  sub: css({
    display: 'block',
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.secondary,
  }),
  weak: css({ color: theme.colors.text.secondary }),
  cut: css({
    display: 'block',
    maxWidth: 'min(32vw, 420px)',
    overflow: 'hidden',
    textOverflow: 'ellipsis',
    whiteSpace: 'nowrap',
  }),
  scroll: css({ overflowX: 'auto' }),
  page: css({ [theme.breakpoints.down('sm')]: { display: 'none' } }),
  wide: css({ [theme.breakpoints.down('md')]: { display: 'none' } }),
  number: css({
    '&&': { textAlign: 'right' },
    fontVariantNumeric: 'tabular-nums',
    whiteSpace: 'nowrap',
  }),
  live: css({ color: theme.colors.success.text }),
  // The badges of Grafana 12 are too weak on a light row.
  problem: css({
    display: 'inline-flex',
    alignItems: 'center',
    gap: theme.spacing(0.5),
    padding: theme.spacing(0, 0.75),
    border: `1px solid ${theme.colors.border.medium}`,
    borderRadius: theme.shape.radius.pill,
    fontSize: theme.typography.bodySmall.fontSize,
    color: theme.colors.text.primary,
    whiteSpace: 'nowrap',
  }),
  error: css({ color: theme.colors.error.text }),
  warning: css({ color: theme.colors.warning.text }),
  problems: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(0.5),
  }),
  // Above the link of the row, or it could not be pointed at.
  policy: css({
    position: 'relative',
    zIndex: 1,
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    borderBottom: `1px dotted ${theme.colors.text.secondary}`,
  }),
  reader: css({
    position: 'absolute',
    width: 1,
    height: 1,
    overflow: 'hidden',
    clipPath: 'inset(50%)',
  }),
  bone: css({
    display: 'inline-block',
    height: 14,
    maxWidth: '100%',
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.secondary,
  }),
});
