/** One look for every state without a picture: what is the matter, why, and what to do next. */
import { css, cx } from '@emotion/css';
import type { GrafanaTheme2, IconName } from '@grafana/data';
import { Icon, Spinner, useStyles2 } from '@grafana/ui';
import type { ReactNode } from 'react';

export interface StateViewProps {
  /** Machine-readable, for tests and tools. */
  state: string;
  title: string;
  icon: IconName;
  /** `busy` turns a wheel in place of the icon; `error` is announced at once. */
  tone?: 'calm' | 'busy' | 'error';
  /** What explains it, and what to do. */
  children?: ReactNode;
  /** Names, ids, reasons. */
  facts?: Array<[name: string, value: string]>;
  actions?: ReactNode;
}

export function StateView(props: StateViewProps) {
  const { state, title, icon, tone = 'calm', children, facts = [], actions } = props;
  const styles = useStyles2(getStyles);
  return (
    <div className={styles.frame} data-testid="replay-panel-state" data-state={state}>
      <div className={styles.message} role={tone === 'error' ? 'alert' : 'status'}>
        <span className={cx(styles.icon, tone === 'error' && styles.errorIcon)} aria-hidden="true">
          {tone === 'busy' ? <Spinner size="lg" /> : <Icon name={icon} size="xl" />}
        </span>
        <p className={styles.title}>{title}</p>
        <div className={styles.text}>{children}</div>
        {facts.length === 0 ? null : (
          <dl className={styles.facts}>
            {facts.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        )}
        {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
      </div>
    </div>
  );
}

const getStyles = (theme: GrafanaTheme2) => ({
  frame: css({
    display: 'flex',
    height: '100%',
    width: '100%',
    overflow: 'auto',
    background: theme.colors.background.primary,
    ...theme.typography.body,
  }),
  message: css({
    display: 'flex',
    flexDirection: 'column',
    alignItems: 'center',
    gap: theme.spacing(1),
    // Centred, but never cut at the top where the panel is low.
    margin: 'auto',
    maxWidth: 480,
    padding: theme.spacing(2),
    textAlign: 'center',
  }),
  icon: css({
    display: 'grid',
    placeItems: 'center',
    flex: 'none',
    width: theme.spacing(6),
    height: theme.spacing(6),
    borderRadius: theme.shape.radius.circle,
    background: theme.colors.primary.transparent,
    color: theme.colors.primary.text,
  }),
  errorIcon: css({
    background: theme.colors.error.transparent,
    color: theme.colors.error.text,
  }),
  title: css({
    ...theme.typography.h4,
    margin: theme.spacing(0.5, 0, 0),
    color: theme.colors.text.primary,
    textWrap: 'balance',
  }),
  text: css({
    color: theme.colors.text.secondary,
    // No word alone on the last line.
    textWrap: 'balance',
    '& p': { margin: theme.spacing(0, 0, 1) },
    '& p:last-child': { marginBottom: 0 },
  }),
  facts: css({
    display: 'flex',
    flexDirection: 'column',
    gap: theme.spacing(0.5),
    margin: 0,
    padding: theme.spacing(1, 1.5),
    maxWidth: '100%',
    borderRadius: theme.shape.radius.default,
    background: theme.colors.background.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
    textAlign: 'left',
    '& > div': { display: 'flex', gap: theme.spacing(1) },
    '& dt': { flex: 'none', fontWeight: 'normal', color: theme.colors.text.secondary },
    '& dd': { margin: 0, overflowWrap: 'anywhere', color: theme.colors.text.primary },
  }),
  actions: css({
    display: 'flex',
    flexWrap: 'wrap',
    justifyContent: 'center',
    gap: theme.spacing(1),
    marginTop: theme.spacing(1),
  }),
});
