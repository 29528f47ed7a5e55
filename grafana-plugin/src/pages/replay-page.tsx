/** One session on a page of its own: whose it is, the player, and the ways to its neighbours and traces. */
import { css } from '@emotion/css';
import {
  dateTimeFormat,
  PageLayoutType,
  type DataSourceInstanceSettings,
  type GrafanaTheme2,
} from '@grafana/data';
import { PluginPage } from '@grafana/runtime';
import { Badge, LinkButton, useStyles2 } from '@grafana/ui';
import type { Playback, SessionManifest } from '@otel-replay/player';
import { useLayoutEffect, useRef, useState } from 'react';
import { replaySourceFor } from '../datasource/replay-source';
import { exploreHref, findTraceSource } from '../replay/explore-link';
import { GrafanaPlayer } from '../replay/grafana-player';
import { CopyMoment } from './copy-moment';
import { countText, durationText } from './format';
import { hrefOf, sessionPath, SESSIONS_PATH, type Moment } from './paths';
import { useNeighbours } from './use-neighbours';

interface Props {
  dataSource: DataSourceInstanceSettings;
  sessionId: string | undefined;
  traceId: string | undefined;
  moment: Moment;
  traceSourceUid: string | undefined;
}

export function ReplayPage({ dataSource, sessionId, traceId, moment, traceSourceUid }: Props) {
  const styles = useStyles2(getStyles);
  const [session, setSession] = useState<SessionManifest>();
  const [playback, setPlayback] = useState<Playback>();
  const [top, stageRef] = useTop();
  const who = session?.userId ?? session?.userHash ?? 'Anonymous user';
  const title = session === undefined ? 'Session replay' : who;
  return (
    <PluginPage layout={PageLayoutType.Canvas} pageNav={{ text: title, parentItem: PARENT }}>
      <div className={styles.page} ref={stageRef} style={{ height: `calc(100vh - ${top + 16}px)` }}>
        <header className={styles.head}>
          <h1 className={styles.title}>{title}</h1>
          {session === undefined ? null : <Facts session={session} />}
          <span className={styles.space} />
          {session === undefined ? null : <Neighbours dataSource={dataSource} session={session} />}
          <TraceLink {...{ traceId, traceSourceUid, moment, session }} />
          {session === undefined || playback === undefined ? null : (
            <CopyMoment
              clock={playback.clock}
              addressOf={(time) =>
                location.origin +
                hrefOf(
                  sessionPath(session.sessionId, { time, traceId, datasourceUid: dataSource.uid }),
                )
              }
            />
          )}
        </header>
        <div className={styles.stage}>
          <GrafanaPlayer
            datasourceUid={dataSource.uid}
            sessionId={sessionId}
            traceId={traceId}
            time={moment.time}
            traceSourceUid={traceSourceUid}
            // Grafana has keys of its own, also on this page.
            keyboard="focus"
            onOpened={(state) => setSession(state.session)}
            onPlayback={setPlayback}
          />
        </div>
      </div>
    </PluginPage>
  );
}

const PARENT = { text: 'Sessions', url: SESSIONS_PATH };

function Facts({ session }: { session: SessionManifest }) {
  const styles = useStyles2(getStyles);
  const { firstTimestamp, lastTimestamp, serviceNames, errorCount, state, decision } = session;
  return (
    <p className={styles.facts}>
      <span>{dateTimeFormat(firstTimestamp)}</span>
      <span>{durationText(lastTimestamp - firstTimestamp)}</span>
      {serviceNames.length === 0 ? null : <span>{serviceNames.join(', ')}</span>}
      {errorCount === 0 ? null : <Badge color="red" text={countText(errorCount, 'error')} />}
      {state === 'active' ? <Badge color="green" text="live" /> : null}
      {decision === undefined ? null : (
        <span title={decision.reason}>kept by {decision.policy}</span>
      )}
    </p>
  );
}

function Neighbours({
  dataSource,
  session,
}: {
  dataSource: DataSourceInstanceSettings;
  session: SessionManifest;
}) {
  const { older, newer, scope } = useNeighbours(replaySourceFor(dataSource.uid), session);
  const href = (id: string) => hrefOf(sessionPath(id, { datasourceUid: dataSource.uid }));
  const button = (id: string | undefined, icon: 'arrow-left' | 'arrow-right', label: string) =>
    id === undefined ? null : (
      <LinkButton
        variant="secondary"
        size="sm"
        icon={icon}
        href={href(id)}
        aria-label={label}
        tooltip={label}
      />
    );
  return (
    <>
      {button(older, 'arrow-left', `Session before, ${scope}`)}
      {button(newer, 'arrow-right', `Session after, ${scope}`)}
    </>
  );
}

interface TraceLinkProps {
  traceId: string | undefined;
  traceSourceUid: string | undefined;
  moment: Moment;
  session: SessionManifest | undefined;
}

function TraceLink({ traceId, traceSourceUid, moment, session }: TraceLinkProps) {
  const source = traceId === undefined ? undefined : findTraceSource(traceSourceUid);
  if (traceId === undefined || source === undefined) {
    return null;
  }
  const time = session?.traces.find((one) => one.traceId === traceId)?.timestamp ?? moment.time;
  return (
    <LinkButton
      variant="secondary"
      size="sm"
      icon="compass"
      href={exploreHref(source, { traceId, spanId: moment.spanId, time })}
    >
      Trace
    </LinkButton>
  );
}

/** How far down the page begins: Grafana's own bars differ by version and settings. */
function useTop(): [number, (element: HTMLElement | null) => void] {
  const [top, setTop] = useState(120);
  const element = useRef<HTMLElement | null>(null);
  useLayoutEffect(() => {
    const measure = () => {
      if (element.current !== null) {
        setTop(Math.round(element.current.getBoundingClientRect().top + window.scrollY));
      }
    };
    measure();
    window.addEventListener('resize', measure);
    return () => window.removeEventListener('resize', measure);
  }, []);
  return [
    top,
    (mounted) => {
      element.current = mounted;
    },
  ];
}

const getStyles = (theme: GrafanaTheme2) => ({
  page: css({ display: 'flex', flexDirection: 'column', gap: theme.spacing(1), minHeight: 480 }),
  head: css({ display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: theme.spacing(1) }),
  title: css({ ...theme.typography.h4, margin: 0, overflowWrap: 'anywhere' }),
  facts: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(0.5, 1.5),
    margin: 0,
    color: theme.colors.text.secondary,
    fontSize: theme.typography.bodySmall.fontSize,
  }),
  space: css({ flex: 1 }),
  stage: css({
    flex: 1,
    minHeight: 0,
    display: 'flex',
    borderRadius: theme.shape.radius.default,
    overflow: 'hidden',
    border: `1px solid ${theme.colors.border.weak}`,
    '& > *': { flex: 1, minWidth: 0 },
  }),
});
