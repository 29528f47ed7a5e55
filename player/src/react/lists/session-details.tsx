/** What is known of the session as a whole. */
import { type ReactElement } from 'react';
import type { RecordingManifest } from '@otel-replay/protocol';
import { bytesText, clockText, countText, pathText } from '../format.js';
import { useClock } from '../hooks.js';
import { detailSections } from './detail-sections.js';
import { matches, type ListContext } from './list-context.js';
import { code, Empty, Facts, factText, ReadingNote, type Fact } from './list-parts.js';
import { useReading } from './use-reading.js';

export function SessionDetails({ context }: { context: ListContext }): ReactElement {
  const { state, query } = context;
  const { session } = state;
  useReading(context);
  const time = useClock(context.playback.clock, 1000);
  if (session === undefined) return <div className="replay-list" />;
  const sections = detailSections(session, state, time)
    .map(([name, facts]) => [name, found(facts, name, query)] as const)
    .filter(([, facts]) => facts.length > 0);
  const recordings = session.recordings.filter((recording) =>
    matches(
      query,
      'Pages and tabs',
      recording.recordingId,
      recording.serviceName,
      urlOf(recording),
    ),
  );
  return (
    <div className="replay-list" data-testid="details">
      <div className="replay-rows" tabIndex={0} role="region" aria-label="Details">
        {sections.map(([name, facts]) => (
          <section key={name} className="replay-section">
            <h2>{name}</h2>
            <Facts facts={facts} />
          </section>
        ))}
        {recordings.length === 0 ? null : (
          <section className="replay-section">
            <h2>Pages and tabs</h2>
            {recordings.map((recording) => (
              <Recording key={recording.recordingId} recording={recording} context={context} />
            ))}
          </section>
        )}
        {sections.length + recordings.length > 0 ? null : (
          <Empty title="Nothing is called so">
            <p>No detail of this session holds what is searched for.</p>
          </Empty>
        )}
      </div>
      <ReadingNote playback={context.playback} state={state} />
    </div>
  );
}

/** Known facts that hold what is searched for, all of them where the section does. */
function found(facts: readonly Fact[], section: string, query: string): readonly Fact[] {
  return facts.filter(
    (fact) => fact[1] !== undefined && fact[1] !== '' && matches(query, section, factText(fact)),
  );
}

function urlOf({ segments }: RecordingManifest): string | undefined {
  return segments.find((segment) => segment.url !== undefined)?.url;
}

function Recording({
  recording,
  context: { playback, state },
}: {
  recording: RecordingManifest;
  context: ListContext;
}): ReactElement {
  const { recordingId, firstTimestamp, lastTimestamp, segments, clockSkewMs } = recording;
  const url = urlOf(recording);
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
          ['Id', code(recordingId)],
          [
            'Time',
            `${clockText(firstTimestamp - state.from)} to ${clockText(lastTimestamp - state.from)}`,
          ],
          ['Service', recording.serviceName],
          [
            'Stored',
            `${countText(segments.length, 'segment')}, ${bytesText(segments.reduce((n, s) => n + s.bytes, 0))}, ${countText(recording.checkpoints.length, 'checkpoint')}`,
          ],
          ['End', endText(recording, state.session?.state === 'active')],
          ['Clock', clockSkewMs === 0 ? undefined : `${clockSkewMs} ms behind the processor’s`],
        ]}
      />
    </div>
  );
}

/** Recordings that were stored before their end was kept have no environment either. */
function endText(
  { segments, environment }: RecordingManifest,
  isActive: boolean,
): string | undefined {
  if (segments.some((segment) => segment.final)) return 'the page was left';
  if (isActive || environment === undefined) return undefined;
  return 'without a word: the tab crashed or froze, or its last segment never came';
}
