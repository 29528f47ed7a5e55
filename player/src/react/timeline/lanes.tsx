/** What ran beside one another: pages and tabs, and spans of browser and backend. */
import { memo, type ReactElement } from 'react';
import type { RecordingManifest } from '@otel-replay/protocol';
import type { Playback } from '../../engine/playback/playback.js';
import type { PlaybackState } from '../../engine/playback/state.js';
import { momentText, pathText } from '../format.js';
import { percent, range } from './axis.js';

interface LanesProps {
  playback: Playback;
  state: PlaybackState;
}

/** More lie upon one another. */
const MAX_TAB_LANES = 3;
/** More cannot be told apart; those with errors are kept. */
const MAX_SPANS = 1500;

/** Pages one after another share a lane; tabs beside one another do not. */
export const RecordingLanes = memo(function RecordingLanes({
  playback,
  state,
}: LanesProps): ReactElement | null {
  const recordings = state.session?.recordings ?? [];
  if (recordings.length < 2) return null;
  return (
    <div className="replay-tab-lanes" aria-hidden="true">
      {tabLanes(recordings).map((lane, at) => (
        <div key={at} className="replay-tab-lane">
          {lane.map(({ recordingId, firstTimestamp, lastTimestamp, segments }) => (
            <span
              key={recordingId}
              className="replay-tab-bar"
              data-testid="tab-bar"
              data-current={recordingId === state.recordingId || undefined}
              title={pathText(segments.find((s) => s.url !== undefined)?.url ?? 'page')}
              style={range(firstTimestamp, lastTimestamp, state)}
              onClick={() => void playback.selectRecording(recordingId)}
            />
          ))}
        </div>
      ))}
    </div>
  );
}, sameLanes);

function tabLanes(recordings: readonly RecordingManifest[]): RecordingManifest[][] {
  const lanes: RecordingManifest[][] = [];
  for (const recording of [...recordings].sort((a, b) => a.firstTimestamp - b.firstTimestamp)) {
    const free = lanes.find((lane) => lane.at(-1)!.lastTimestamp <= recording.firstTimestamp);
    if (free !== undefined) free.push(recording);
    else if (lanes.length < MAX_TAB_LANES) lanes.push([recording]);
    else lanes.at(-1)!.push(recording);
  }
  return lanes;
}

export const SpanLanes = memo(function SpanLanes({
  playback,
  state,
}: LanesProps): ReactElement | null {
  const { from, to, spans, traceId } = state;
  if (spans.length === 0) return null;
  return (
    <div className="replay-lanes" aria-hidden="true">
      {(['browser', 'backend'] as const).map((origin) => (
        <div key={origin} className="replay-lane" data-origin={origin}>
          {thinned(
            spans.filter((s) => s.origin === origin && s.endTime >= from && s.startTime <= to),
          ).map((span) => (
            <span
              key={`${span.traceId}/${span.spanId}`}
              className="replay-lane-span"
              data-testid="lane-span"
              data-status={span.status}
              data-origin={origin}
              data-other={traceId !== undefined && span.traceId !== traceId ? true : undefined}
              title={`${span.serviceName}: ${span.name} (${momentText(span.startTime)})`}
              style={
                span.endTime - span.startTime > 0
                  ? range(span.startTime, span.endTime, state)
                  : { left: percent(span.startTime, state) }
              }
              onClick={() => void playback.seek(span.startTime)}
            />
          ))}
        </div>
      ))}
    </div>
  );
}, sameLanes);

function thinned<Span extends { status: string }>(spans: readonly Span[]): readonly Span[] {
  if (spans.length <= MAX_SPANS) return spans;
  const step = Math.ceil(spans.length / MAX_SPANS);
  return spans
    .filter((span, at) => at % step === 0 || span.status === 'error')
    .slice(0, 2 * MAX_SPANS);
}

function sameLanes(a: LanesProps, b: LanesProps): boolean {
  return (
    a.playback === b.playback &&
    a.state.spans === b.state.spans &&
    a.state.session === b.state.session &&
    a.state.recordingId === b.state.recordingId &&
    a.state.from === b.state.from &&
    a.state.to === b.state.to &&
    a.state.traceId === b.state.traceId
  );
}
