/** What is known of the session as a whole. */
import { useMemo, type ReactElement, type ReactNode } from 'react';
import type { RecordingManifest, SessionManifest } from '@otel-replay/protocol';
import type { TimelineSpan } from '../../engine/timeline/spans.js';
import { bytesText, clockText, countText, durationText, momentText, pathText } from '../format.js';
import { useClock } from '../hooks.js';
import { matches, type ListContext } from './list-context.js';
import { Facts, ReadingNote, type Fact } from './list-parts.js';
import { useReading } from './use-reading.js';

export function SessionDetails({ context }: { context: ListContext }): ReactElement {
  const { state, query } = context;
  const { session } = state;
  useReading(context);
  const time = useClock(context.playback.clock, 1000);
  const browser = useMemo(() => browserFacts(state.spans), [state.spans]);
  if (session === undefined) return <div className="replay-list" />;
  const sections: [string, readonly Fact[]][] = [
    ['Session', sessionFacts(session)],
    ['Browser', [['Window', `${state.viewport.width} × ${state.viewport.height} px`], ...browser]],
    ['Why it was kept', decisionFacts(session)],
    ['Privacy', privacyFacts(session, state.blockedCount)],
    ['Web vitals', latestFacts(context, 'web_vital', Infinity)],
    ['Feature flags at this moment', latestFacts(context, 'feature_flag', time)],
    ['What is stored', storedFacts(session, state.holes)],
  ];
  return (
    <div className="replay-list" data-testid="details">
      <div className="replay-rows" tabIndex={0} role="region" aria-label="Details">
        {sections.map(([name, facts]) => (
          <Section key={name} name={name} facts={facts} query={query} />
        ))}
        <section className="replay-section">
          <h2>Pages and tabs</h2>
          {session.recordings.map((recording) => (
            <Recording key={recording.recordingId} recording={recording} context={context} />
          ))}
        </section>
      </div>
      <ReadingNote playback={context.playback} state={state} />
    </div>
  );
}

function Section(props: {
  name: string;
  facts: readonly Fact[];
  query: string;
}): ReactElement | null {
  const facts = props.facts.filter(
    ([name, value]) =>
      value !== undefined &&
      value !== '' &&
      matches(props.query, props.name, name, typeof value === 'string' ? value : ''),
  );
  if (facts.length === 0) return null;
  return (
    <section className="replay-section">
      <h2>{props.name}</h2>
      <Facts facts={facts} />
    </section>
  );
}

const code = (text: string | undefined): ReactNode => text && <code>{text}</code>;

function sessionFacts(session: SessionManifest): Fact[] {
  return [
    ['Id', code(session.sessionId)],
    ['User', session.userId],
    ['User (hashed)', code(session.userHash)],
    ['Began', momentText(session.firstTimestamp)],
    ['Lasted', durationText(session.lastTimestamp - session.firstTimestamp)],
    ['State', session.state === 'active' ? 'still being recorded' : 'ended'],
    ['Services', session.serviceNames.join(', ')],
    ['Pages', session.urls.join('\n')],
    ['Before it', code(session.previousSessionId)],
    ['Traces', countText(session.traceCount, 'trace')],
    ['Counted', counted(session)],
  ];
}

function counted({ clickCount, errorCount, rageClickCount }: SessionManifest): string {
  return [
    countText(errorCount, 'error'),
    countText(clickCount, 'click'),
    countText(rageClickCount, 'rage click'),
  ].join(', ');
}

function decisionFacts({ decision }: SessionManifest): Fact[] {
  if (decision === undefined) return [];
  const { dryRun } = decision;
  return [
    ['Policy', decision.policy],
    ['Reason', decision.reason],
    ['Decided', momentText(decision.decidedAt)],
    [
      'Kept for',
      decision.keepForMs === 0 ? 'ever' : decision.keepForMs && durationText(decision.keepForMs),
    ],
    ['Trigger', code(decision.traceId)],
    ['Dry run', dryRun && `would have been ${dryRun.kept ? 'kept' : 'left out'}: ${dryRun.reason}`],
  ];
}

function privacyFacts({ masking }: SessionManifest, blockedCount: number): Fact[] {
  return [
    ['Masking', masking],
    [
      'Texts',
      'What shows as asterisks was masked in the recorded browser. It never left it, and cannot be shown.',
    ],
    [
      'Not loaded',
      blockedCount > 0
        ? countText(blockedCount, 'address', 'addresses of the recorded page')
        : undefined,
    ],
  ];
}

/** The newest of each name, up to `time`. */
function latestFacts(
  { state }: ListContext,
  kind: 'web_vital' | 'feature_flag',
  time: number,
): Fact[] {
  const latest = new Map<string, string>();
  for (const mark of state.marks) {
    if (mark.kind !== kind || mark.time > time) continue;
    const name = String(mark.attributes?.['key'] ?? mark.attributes?.['name'] ?? '');
    const said = String(mark.attributes?.['variant'] ?? mark.label.slice(name.length + 1));
    latest.set(name, said);
  }
  return [...latest];
}

function storedFacts(session: SessionManifest, holes: ListContext['state']['holes']): Fact[] {
  const segments = session.recordings.flatMap((r) => r.segments);
  const lost = segments.reduce((sum, s) => sum + s.droppedEvents, 0);
  const raw = segments.reduce((sum, s) => sum + s.uncompressedBytes, 0);
  const missing = holes.reduce((sum, hole) => sum + hole.to - hole.from, 0);
  return [
    ['Size', `${bytesText(session.bytes)}, ${bytesText(raw)} unpacked`],
    ['Segments', segmentsText(session)],
    [
      'Holes',
      holes.length === 0
        ? 'none'
        : `${countText(holes.length, 'hole')}, ${durationText(missing)} in all`,
    ],
    ['Lost in the browser', lost === 0 ? undefined : countText(lost, 'event')],
  ];
}

function segmentsText({ segmentCount, recordings }: SessionManifest): string {
  const blocks = recordings.reduce((sum, r) => sum + r.blocks.length, 0);
  return blocks === 0 ? String(segmentCount) : `${segmentCount} in ${countText(blocks, 'block')}`;
}

/** Spans of the page say what it was watched with. */
function browserFacts(spans: readonly TimelineSpan[]): Fact[] {
  const wanted = {
    'user_agent.original': 'User agent',
    'browser.platform': 'Platform',
    'browser.language': 'Language',
    'browser.mobile': 'Mobile',
    'browser.brands': 'Brands',
    'device.type': 'Device',
  };
  const found = new Map<string, string>();
  for (const { origin, attributes } of spans) {
    if (origin !== 'browser') continue;
    for (const [key, name] of Object.entries(wanted)) {
      const value = attributes[key];
      if (value !== undefined && value !== null) found.set(name, String(value));
    }
    if (found.size === Object.keys(wanted).length) break;
  }
  return [...found];
}

function Recording({
  recording,
  context: { playback, state },
}: {
  recording: RecordingManifest;
  context: ListContext;
}): ReactElement {
  const { recordingId, firstTimestamp, lastTimestamp, segments, clockSkewMs } = recording;
  const url = segments.find((s) => s.url !== undefined)?.url;
  const isShown = recordingId === state.recordingId;
  return (
    <div className="replay-recording" data-current={isShown || undefined}>
      <div className="replay-recording-head">
        <strong title={url}>{url === undefined ? 'Page' : pathText(url)}</strong>
        {isShown ? (
          <span className="replay-badge">on stage</span>
        ) : (
          <button
            type="button"
            className="replay-button"
            data-small
            onClick={() => void playback.selectRecording(recordingId)}
          >
            Show
          </button>
        )}
      </div>
      <Facts
        facts={[
          ['Id', <code key="id">{recordingId}</code>],
          [
            'Time',
            `${clockText(firstTimestamp - state.from)} to ${clockText(lastTimestamp - state.from)}`,
          ],
          ['Service', recording.serviceName],
          [
            'Stored',
            `${countText(segments.length, 'segment')}, ${bytesText(segments.reduce((n, s) => n + s.bytes, 0))}, ${countText(recording.checkpoints.length, 'checkpoint')}`,
          ],
          ['Clock', clockSkewMs === 0 ? undefined : `${clockSkewMs} ms behind the processor’s`],
        ]}
      />
    </div>
  );
}
