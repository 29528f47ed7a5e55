/** What is said of the session as a whole, by section. */
import type {
  PageEnvironment,
  RecordingManifest,
  SegmentEntry,
  SessionManifest,
} from '@otel-replay/protocol';
import type { PlaybackState } from '../../engine/playback/state.js';
import type { TimelineSpan } from '../../engine/timeline/spans.js';
import { bytesText, countText, durationText, momentText } from '../format.js';
import { browserFacts, recorderFacts } from './environment-facts.js';
import { code, type Fact } from './list-parts.js';

/** @param time the playhead, Unix milliseconds */
export function detailSections(
  session: SessionManifest,
  state: PlaybackState,
  time: number,
): [name: string, facts: readonly Fact[]][] {
  const environment = environmentOf(session, state);
  return [
    ['Session', sessionFacts(session)],
    ['Page at this moment', [['Address', state.url]]],
    ['Feature flags at this moment', latestFacts(state, 'feature_flag', time)],
    ['Watched with', browserFacts(environment, state.viewport)],
    ['Recorded by', recorderFacts(environment)],
    ['What is missing', missingFacts(session, state)],
    ['Why it was kept', decisionFacts(session)],
    ['Privacy', privacyFacts(session, state.blockedCount)],
    ['Web vitals', latestFacts(state, 'web_vital', Infinity)],
    ['What is stored', storedFacts(session)],
  ];
}

/** Of the page on the stage, else of any other; older recordings have only what spans say. */
function environmentOf(session: SessionManifest, state: PlaybackState): PageEnvironment {
  const { recordings } = session;
  const own = recordings.find(({ recordingId }) => recordingId === state.recordingId);
  const told = own?.environment ?? recordings.find((r) => r.environment)?.environment;
  return told ?? environmentOfSpans(state.spans);
}

const OF_SPANS = [
  ...['user_agent.original', 'browser.platform', 'browser.language', 'browser.brands'],
  ...['browser.mobile', 'telemetry.sdk.name', 'telemetry.sdk.version', 'telemetry.sdk.language'],
];

function environmentOfSpans(spans: readonly TimelineSpan[]): PageEnvironment {
  const found: Record<string, PageEnvironment[string]> = {};
  for (const { origin, attributes } of spans) {
    if (origin !== 'browser') continue;
    for (const key of OF_SPANS) {
      const value = attributes[key];
      if (typeof value === 'string' || typeof value === 'boolean') found[key] ??= value;
    }
  }
  return found;
}

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
  { marks }: PlaybackState,
  kind: 'web_vital' | 'feature_flag',
  time: number,
): Fact[] {
  const latest = new Map<string, string>();
  for (const mark of marks) {
    if (mark.kind !== kind || mark.time > time) continue;
    const name = String(mark.attributes?.['key'] ?? mark.attributes?.['name'] ?? '');
    const said = String(mark.attributes?.['variant'] ?? mark.label.slice(name.length + 1));
    latest.set(name, said);
  }
  return [...latest];
}

function missingFacts({ recordings }: SessionManifest, state: PlaybackState): Fact[] {
  const { holes, marks, reading, unreadableCount } = state;
  const segments = recordings.flatMap((r) => r.segments);
  const sum = (of: (segment: SegmentEntry) => number | undefined): number =>
    segments.reduce((total, segment) => total + (of(segment) ?? 0), 0);
  const absent = recordings.reduce((total, recording) => total + absentSegments(recording), 0);
  const holesMs = holes.reduce((total, hole) => total + hole.to - hole.from, 0);
  const heldBack = marks.filter((m) => m.kind === 'restraint' && m.attributes?.['level'] !== 0);
  const storms = marks.filter((m) => m.kind === 'storm');
  const some = (count: number, one: string): string | undefined =>
    count === 0 ? undefined : countText(count, one);
  return [
    ['Never arrived', some(absent, 'segment') ?? 'no segment'],
    [
      'Could not be read',
      some(unreadableCount, 'segment') ??
        (reading.status === 'done' ? 'no segment' : 'no segment so far'),
    ],
    [
      'Cannot be played',
      holes.length === 0
        ? 'nothing'
        : `${durationText(holesMs)} in ${countText(holes.length, 'hole')}`,
    ],
    [
      'Dropped by the recorder',
      some(
        sum((s) => s.droppedEvents),
        'event',
      ) ?? 'nothing',
    ],
    [
      'Traces beyond those named',
      some(
        sum((s) => s.droppedTraceIds),
        'trace',
      ),
    ],
    ['Recorder held back', some(heldBack.length, 'time')],
    ['Only the result recorded', some(storms.length, 'storm of changes')],
  ];
}

/** By their numbers: from 0 without holes, but a buffered recording may begin later. */
function absentSegments({ segments }: RecordingManifest): number {
  const indexes = [...new Set(segments.map(({ index }) => index))].sort((a, b) => a - b);
  if (indexes.length === 0) return 0;
  return indexes.at(-1)! - indexes[0]! + 1 - indexes.length;
}

function storedFacts(session: SessionManifest): Fact[] {
  const segments = session.recordings.flatMap((r) => r.segments);
  const raw = segments.reduce((sum, s) => sum + s.uncompressedBytes, 0);
  return [
    ['Size', `${bytesText(session.bytes)}, ${bytesText(raw)} unpacked`],
    ['Segments', segmentsText(session)],
  ];
}

function segmentsText({ segmentCount, recordings }: SessionManifest): string {
  const blocks = recordings.reduce((sum, r) => sum + r.blocks.length, 0);
  return blocks === 0 ? String(segmentCount) : `${segmentCount} in ${countText(blocks, 'block')}`;
}
