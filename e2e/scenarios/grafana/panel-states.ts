/** States of the panel: what it is given, what the replay API answers, and what must be seen then. */
import type { ExportSource, NoReplayReason, SessionManifest } from '@otel-replay/player';
import {
  DATA_SOURCE_ID,
  type GrafanaHost,
  type PanelRequest,
} from '../../../grafana-plugin/harness/index.js';
import { FIXTURE } from '../../../player/test/fixture-spans.js';
import type { ReplayServer } from '../../../player/test/replay-server.js';
import { tempoFrame, type TempoSpan } from '../../harness/tempo-frame.js';

/** What a state is made of; set back before each. */
export interface World {
  api: ReplayServer;
  host: GrafanaHost;
}

export interface State {
  name: string;
  /** `data-state` of the state, or undefined for the player. */
  state?: string;
  request: PanelRequest;
  prepare?: (world: World) => void;
  /** What must be read in it, in a panel of that width. */
  says?: string | RegExp | ((width: number) => string);
  /** The player shows that, besides the picture. */
  shows?: string;
  /** Changes the page, and undoes it. */
  script?: readonly [before: string, after: string];
}

export const DATA_SOURCE = { uid: 'replay', name: 'Session Replay', type: DATA_SOURCE_ID };

const SPAN: TempoSpan = {
  traceId: FIXTURE.traceId,
  spanId: FIXTURE.failingSpanId,
  name: 'POST /api/checkout',
  serviceName: 'shop-api',
  kind: 'server',
  statusCode: 2,
  statusMessage: 'Payment provider timed out',
  startTime: FIXTURE.traceTime + 450,
  durationMs: 80,
  attributes: { 'http.response.status_code': 500 },
  resource: { 'service.name': 'shop-api', 'telemetry.sdk.language': 'nodejs' },
  events: [],
};
const ROOT: TempoSpan = {
  ...SPAN,
  spanId: FIXTURE.browserSpanId,
  name: 'POST',
  serviceName: 'shop-web',
  kind: 'client',
  startTime: FIXTURE.traceTime + 400,
  durationMs: 200,
  attributes: { 'session.id': FIXTURE.sessionId },
  resource: { 'service.name': 'shop-web', 'telemetry.sdk.language': 'webjs' },
};
const TRACE = tempoFrame([ROOT, { ...SPAN, parentSpanId: ROOT.spanId }]);
const UNKNOWN = tempoFrame([
  { ...SPAN, traceId: FIXTURE.otherTraceId, attributes: { 'session.id': 'gone' }, resource: {} },
]);
const NO_SESSION = tempoFrame([{ ...SPAN, traceId: FIXTURE.otherTraceId }]);
const NODE_GRAPH = {
  name: 'Nodes',
  fields: [{ name: 'id', type: 'string', values: ['shop-api'] }],
};

/** Grafana's distortions of frames: `public/app/features/plugins/sandbox/distortions.ts`. */
const SANDBOX = [
  `window.undistorted = ['contentDocument', 'contentWindow'].map((name) => {
    const own = Object.getOwnPropertyDescriptor(HTMLIFrameElement.prototype, name);
    const get = () => { throw new Error(name + ' is not allowed in a sandboxed plugin'); };
    Object.defineProperty(HTMLIFrameElement.prototype, name, { configurable: true, get });
    return [name, own];
  })`,
  `for (const [name, own] of undistorted) Object.defineProperty(HTMLIFrameElement.prototype, name, own)`,
] as const;

type IsLost = (segment: { recordingId: string; index: number }) => boolean;

/** The session with other words about it, and without some of its segments. */
function change(
  { api }: World,
  part: Partial<SessionManifest>,
  isLost: IsLost = () => false,
): void {
  const [whole] = api.sessions;
  const session = { ...whole!.session, ...part };
  const segments: ExportSource['segments'] = async function* (range) {
    for await (const segment of whole!.segments(range)) {
      if (!isLost(segment.header)) yield segment;
    }
  };
  const own: Partial<ExportSource> = { session, segments };
  api.sessions = [
    new Proxy(whole!, {
      get: (target, key) => {
        const value: unknown = Reflect.get(own, key) ?? Reflect.get(target, key);
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
      },
    }),
  ];
}

/** What was sent around the failure never arrived: the manifest has a gap in its place. */
function loseFailure(world: World): void {
  const [from, to] = [FIXTURE.traceTime - 6000, FIXTURE.traceTime + 2000];
  const lost = new Set<string>();
  const key = ({ recordingId, index }: Parameters<IsLost>[0]) => `${recordingId}/${index}`;
  const recordings = world.api.sessions[0]!.session.recordings.map((recording) => {
    const { recordingId } = recording;
    const missing = recording.segments.filter(
      ({ firstTimestamp, lastTimestamp }) => lastTimestamp > from && firstTimestamp < to,
    );
    const [first, last] = [missing[0], missing.at(-1)];
    if (first === undefined || last === undefined) return recording;
    for (const { index } of missing) lost.add(key({ recordingId, index }));
    const gap = {
      firstIndex: first.index,
      lastIndex: last.index,
      from: first.firstTimestamp,
      to: last.lastTimestamp,
    };
    const segments = recording.segments.filter((segment) => !missing.includes(segment));
    return { ...recording, segments, gaps: [gap] };
  });
  change(world, { recordings }, (segment) => lost.has(key(segment)));
}

/** The recorded browser's clock was behind, as was seen when its segments arrived. */
function setClockBack(world: World): void {
  const recordings = world.api.sessions[0]!.session.recordings.map((recording) => ({
    ...recording,
    clockSkewMs: 7300,
  }));
  change(world, { recordings });
}

const gone =
  (reason: NoReplayReason) =>
  ({ api }: World) => {
    api.reasons.set('gone', reason);
  };

export const STATES: readonly State[] = [
  { name: 'no data', state: 'no_data', request: {}, says: 'Browse sessions' },
  { name: 'no trace', state: 'no_trace', request: { series: [NODE_GRAPH] } },
  {
    name: 'loading',
    state: 'loading',
    request: { state: 'Loading' },
    says: 'Loading the trace',
  },
  {
    name: 'query failed',
    state: 'query_failed',
    request: { state: 'Error', errors: [{ message: 'trace not found' }] },
    says: 'trace not found',
  },
  { name: 'no session id', state: 'no_session_id', request: { series: [NO_SESSION] } },
  { name: 'not recorded', state: 'never_recorded', request: { series: [UNKNOWN] } },
  {
    name: 'not kept',
    state: 'sampled_out',
    request: { series: [UNKNOWN] },
    prepare: (world) => {
      gone('sampled_out')(world);
      world.api.problems.set('gone', { policies: ['errors', 'slow requests'] });
    },
    says: 'errors, slow requests',
  },
  {
    name: 'dropped',
    state: 'sampled_out',
    request: { series: [UNKNOWN] },
    prepare: (world) => {
      gone('sampled_out')(world);
      world.api.problems.set('gone', {
        droppedBy: { policy: 'no robots', reason: 'user: user.id is robot' },
      });
    },
    says: 'no robots: user: user.id is robot',
  },
  {
    name: 'shed',
    state: 'shed',
    request: { series: [UNKNOWN] },
    prepare: (world) => {
      gone('shed')(world);
      world.api.problems.set('gone', { limit: 'processors.session_replay.memory.max_sessions' });
    },
    says: 'max_sessions',
  },
  { name: 'expired', state: 'expired', request: { series: [UNKNOWN] }, prepare: gone('expired') },
  { name: 'deleted', state: 'deleted', request: { series: [UNKNOWN] }, prepare: gone('deleted') },
  { name: 'not yet', state: 'not_yet', request: { series: [UNKNOWN] }, prepare: gone('not_yet') },
  {
    name: 'not configured',
    state: 'not_configured',
    request: { series: [TRACE] },
    prepare: ({ host }) => {
      host.dataSources = [];
    },
    says: 'Add a Session Replay data source',
  },
  {
    name: 'no address',
    state: 'no_address',
    request: { series: [TRACE] },
    prepare: ({ host }) => {
      host.dataSources = [{ ...DATA_SOURCE }];
    },
    says: 'Data source settings',
  },
  {
    name: 'token refused',
    state: 'unauthorized',
    request: { series: [TRACE] },
    prepare: ({ api }) => {
      api.token = 'another token';
    },
    says: /refused the token of the data source "Session Replay"/,
  },
  {
    name: 'not allowed',
    state: 'unauthorized',
    request: { series: [TRACE] },
    prepare: ({ host }) => {
      host.deniedDataSources = [DATA_SOURCE.uid];
    },
    says: /Ask an administrator for the permission to query it/,
  },
  {
    name: 'unreachable',
    state: 'unreachable',
    request: { series: [TRACE] },
    prepare: ({ host }) => {
      host.dataSources = [{ ...DATA_SOURCE, jsonData: { url: 'http://127.0.0.1:1' } }];
    },
    says: 'Try again',
  },
  {
    name: 'server failed',
    state: 'server',
    request: { series: [TRACE] },
    prepare: ({ api }) => {
      api.isDown = true;
    },
    says: 'The store does not answer',
  },
  {
    name: 'no snapshot',
    state: 'no_snapshot',
    request: { series: [TRACE] },
    prepare: ({ api }) => {
      for (const { index } of api.sessions[0]!.session.recordings.flatMap((r) => r.segments)) {
        api.lostSegments.add(index);
      }
    },
  },
  {
    name: 'sandbox',
    state: 'sandboxed',
    request: { series: [TRACE] },
    says: 'enable_frontend_sandbox_for_plugins',
    script: SANDBOX,
  },
  {
    name: 'bad option',
    state: 'bad_option',
    request: { series: [TRACE], options: { allowHosts: ['https://cdn.example.com/'] } },
    says: 'https://cdn.example.com/',
  },
  {
    name: 'gap',
    request: { series: [TRACE] },
    prepare: loseFailure,
    shows: '[data-testid=gap-message]',
    says: /Nothing is recorded at this moment/,
  },
  {
    name: 'clock corrected',
    request: { series: [TRACE] },
    prepare: setClockBack,
    says: (width) => (width < 560 ? 'Clock corrected' : 'Clock corrected by 7.3 s'),
  },
  { name: 'playing', request: { series: [TRACE] } },
  { name: 'picture only', request: { series: [TRACE], options: { lists: false } } },
];
