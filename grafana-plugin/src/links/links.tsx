/**
 * The app's links in Grafana's own views. Each must also be in plugin.json with the same title and
 * targets, or Grafana refuses it. Contexts are read-only proxies, undefined while Grafana probes.
 */
import {
  PluginExtensionPoints,
  type PluginExtensionAddedLinkConfig,
  type PluginExtensionPanelContext,
  type PluginExtensionResourceAttributesContext,
} from '@grafana/data';
import { lazy } from 'react';
import { padTraceId } from '../datasource/trace-id';
import { sessionPath, SESSIONS_PATH, tracePath } from '../pages/paths';
import { Lazily } from '../replay/lazily';
import { sessionIdOf, sessionOfTrace, type TraceViewContext } from './trace-context';
import { spansOf } from './trace-spans';

const ReplayModal = lazy(async () => ({
  default: (await import('../replay/replay-modal')).ReplayModal,
}));

/** What leads to a span is part of it. */
const LEAD_IN_MS = 2000;

/** In the header of a trace: opens the replay over it. */
export const headerLink: PluginExtensionAddedLinkConfig<TraceViewContext> = {
  title: 'Watch session replay',
  description: 'See what the user saw during this trace',
  targets: [PluginExtensionPoints.TraceViewHeaderActions],
  icon: 'play',
  configure: (context) =>
    context === undefined || sessionOfTrace(context) === undefined ? undefined : {},
  onClick: (_event, { context, openModal }) => {
    const session = context === undefined ? undefined : sessionOfTrace(context);
    if (context === undefined || session === undefined) {
      return;
    }
    const { sessionId } = session;
    const traceId = padTraceId(context.traceID);
    const extraSpans = spansOf(context);
    const traceSourceUid = context.datasource?.uid;
    openModal({
      title: 'Session replay',
      width: '94%',
      height: '80%',
      body: () => (
        <Lazily>
          <ReplayModal {...{ sessionId, traceId, extraSpans, traceSourceUid }} />
        </Lazily>
      ),
    });
  },
};

/** As newer Grafanas give it: 12.4 adds the trace and the span, 13 the span's time in microseconds. */
type AttributesContext = PluginExtensionResourceAttributesContext & {
  traceID?: string;
  spanID?: string;
  spanStartTime?: number;
};

/** Grafana shows it at the attribute of this name: by the category before 13, by the group since. */
const AT_SESSION_ID = {
  category: 'session.id',
  group: { name: 'session.id', icon: 'play' },
} as const;

/** On the attribute `session.id` of a span: the page of the session, at the span. */
export const attributeLink: PluginExtensionAddedLinkConfig<AttributesContext> = {
  title: 'Watch session replay',
  description: 'Open the session at this span',
  targets: [PluginExtensionPoints.TraceViewResourceAttributes],
  icon: 'play',
  ...AT_SESSION_ID,
  path: SESSIONS_PATH,
  configure: (context) => {
    const sessionId = sessionIdOf(context?.spanAttributes, context?.attributes);
    if (context === undefined || sessionId === undefined) {
      return undefined;
    }
    const { traceID, spanID, spanStartTime, datasource } = context;
    const time = spanStartTime === undefined ? undefined : spanStartTime / 1000 - LEAD_IN_MS;
    const path = sessionPath(sessionId, {
      time,
      traceId: traceID === undefined ? undefined : padTraceId(traceID),
      spanId: spanID,
      traceSourceUid: datasource?.uid,
    });
    return { path, ...AT_SESSION_ID };
  },
};

/** In the menu of a Traces panel: the page of the trace's session. */
export const panelMenuLink: PluginExtensionAddedLinkConfig<PluginExtensionPanelContext> = {
  title: 'Open session replay',
  description: 'See what the user saw during this trace',
  targets: [PluginExtensionPoints.DashboardPanelMenu],
  icon: 'play',
  path: SESSIONS_PATH,
  configure: (context) => {
    const traceId = context?.pluginId === 'traces' ? traceIdIn(context) : undefined;
    if (traceId === undefined) {
      return undefined;
    }
    const [target] = context?.targets ?? [];
    return { path: tracePath(traceId, { traceSourceUid: uidOf(target?.datasource) }) };
  },
};

/** Traces panels get node graphs and tables along with the trace. */
function traceIdIn(context: Readonly<PluginExtensionPanelContext>): string | undefined {
  for (const { fields } of context.data?.series ?? []) {
    const ids = fields.find((field) => field.name === 'traceID')?.values;
    const id: unknown = fields.some((field) => field.name === 'spanID') ? ids?.[0] : undefined;
    if (typeof id === 'string' && id !== '') {
      return padTraceId(id);
    }
  }
  return undefined;
}

function uidOf(ref: unknown): string | undefined {
  const uid: unknown = Object(ref).uid;
  return typeof uid === 'string' ? uid : undefined;
}
