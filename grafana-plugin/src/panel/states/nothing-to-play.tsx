/** States before any replay is asked for. */
import { locationUtil, type DataQueryError } from '@grafana/data';
import { hasPermission } from '@grafana/runtime';
import { LinkButton } from '@grafana/ui';
import { NoDataSourceError } from '../../datasource/replay-source';
import { APP_PATH, DATASOURCE_ID, PANEL_ID } from '../../plugin-ids';
import type { NothingToPlay as Reason } from '../target';
import { StateView } from './state-view';

export function BrowseSessions() {
  return (
    <LinkButton
      variant="secondary"
      size="sm"
      icon="list-ul"
      href={locationUtil.assureBaseUrl(`${APP_PATH}/sessions`)}
    >
      Browse sessions
    </LinkButton>
  );
}

export function NothingToPlay({ reason }: { reason: Reason }) {
  if (reason === 'no_data') {
    return (
      <StateView state={reason} icon="play" title="Pick a trace" actions={<BrowseSessions />}>
        <p>The session in which it happened plays here, from just before it.</p>
        <p>
          Query one trace in this panel, or use the data of a traces panel. Or name a session in the
          panel’s options.
        </p>
      </StateView>
    );
  }
  return (
    <StateView
      state={reason}
      icon="gf-traces"
      title="No trace in this data"
      actions={<BrowseSessions />}
    >
      <p>A replay needs the spans of a trace: a table of traces or a node graph has none.</p>
      <p>Query a trace by its id, or use a Session Replay query that names a session.</p>
    </StateView>
  );
}

export function QueryFailed({ errors }: { errors: readonly DataQueryError[] }) {
  const said = errors.map(({ message, data }) => message ?? data?.message ?? data?.error);
  return (
    <StateView
      state="query_failed"
      icon="exclamation-triangle"
      tone="error"
      title="The trace could not be loaded"
    >
      <p>{said.find((text) => text !== undefined) ?? 'The query failed without saying why.'}</p>
      <p>Edit the panel’s query, or reload the dashboard.</p>
    </StateView>
  );
}

/** @param error of `findDataSource`: there is none at all, or not that one */
export function NotConfigured({ error }: { error: NoDataSourceError }) {
  return (
    <StateView
      state="not_configured"
      icon="cog"
      title="Where are the replays?"
      actions={
        hasPermission('datasources:create') ? (
          <LinkButton
            size="sm"
            icon="plus"
            href={locationUtil.assureBaseUrl(`/connections/datasources/${DATASOURCE_ID}`)}
          >
            Add a Session Replay data source
          </LinkButton>
        ) : undefined
      }
    >
      <p>{error.message}</p>
      {hasPermission('datasources:create') ? null : <p>An administrator of Grafana can do that.</p>}
    </StateView>
  );
}

export function NoAddress({ name, uid }: { name: string; uid: string }) {
  return (
    <StateView
      state="no_address"
      icon="cog"
      title="The data source has no URL"
      actions={<EditDataSource uid={uid} />}
    >
      <p>
        “{name}” does not say where the processor’s replay API is. Enter its URL as Grafana’s server
        reaches it, for example http://collector-processor:8787.
      </p>
      {hasPermission('datasources:write') ? null : <p>An administrator of Grafana can do that.</p>}
    </StateView>
  );
}

/** Nothing for those who may not change it. */
export function EditDataSource({ uid }: { uid: string }) {
  return !hasPermission('datasources:write') ? null : (
    <LinkButton
      variant="secondary"
      size="sm"
      icon="cog"
      href={locationUtil.assureBaseUrl(`/connections/datasources/edit/${encodeURIComponent(uid)}`)}
    >
      Data source settings
    </LinkButton>
  );
}

export function Sandboxed() {
  return (
    <StateView
      state="sandboxed"
      icon="shield-exclamation"
      tone="error"
      title="Grafana’s frontend sandbox is on"
      facts={[
        ['Section', '[security]'],
        ['Setting', 'enable_frontend_sandbox_for_plugins'],
        ['Remove', PANEL_ID],
      ]}
    >
      <p>
        It lets no plugin look into a frame, and a recorded page is drawn in one. The frame has a
        policy of its own: nothing of the page runs, and it asks for nothing.
      </p>
      <p>An administrator can take this panel out of the list in Grafana’s configuration.</p>
    </StateView>
  );
}

/** An option that the player refuses; its message names the option and the fix. */
export function BadOption({ error }: { error: Error }) {
  return (
    <StateView state="bad_option" icon="cog" tone="error" title="An option does not fit">
      <p>{error.message}</p>
      <p>Edit the panel, and change it under “Privacy”.</p>
    </StateView>
  );
}

export function Crashed({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  return (
    <StateView
      state="crashed"
      icon="bug"
      tone="error"
      title="The player stopped"
      facts={[['Error', error.message]]}
    >
      <p>
        {onRetry === undefined
          ? 'Reload the page. If it happens again, please report it with this text.'
          : 'Try again.'}
      </p>
    </StateView>
  );
}
