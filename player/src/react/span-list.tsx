/** The spans as a waterfall that follows the playhead. */
import { useEffect, useMemo, useRef, useState, type ReactElement } from 'react';
import type { Playback } from '../engine/playback/playback.js';
import type { PlaybackState } from '../engine/playback/state.js';
import type { TimelineSpan } from '../engine/timeline/spans.js';
import { clockText, countText, durationText } from './format.js';
import { useClock } from './hooks.js';
import { waterfall, type SpanGroup, type SpanRow } from './waterfall.js';

export interface SpanListProps {
  playback: Playback;
  state: PlaybackState;
  /** Address of a span in the trace backend. */
  spanHref?: ((traceId: string, spanId: string) => string) | undefined;
}

const MAX_ROWS = 400;

export function SpanList({ playback, state, spanHref }: SpanListProps): ReactElement {
  const { spans, traceId, spansStatus } = state;
  const hasTrace = traceId !== undefined && spans.some((span) => span.traceId === traceId);
  const [scope, setScope] = useState<'trace' | 'all'>('trace');
  const onlyTrace = hasTrace && scope === 'trace';
  const groups = useMemo(
    () => waterfall(onlyTrace ? spans.filter((span) => span.traceId === traceId) : spans),
    [spans, traceId, onlyTrace],
  );
  const time = useClock(playback.clock, 100);
  const current = currentSpan(groups, time);
  const listRef = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (current === undefined) return;
    const row = listRef.current?.querySelector<HTMLElement>(`[data-span-id="${current.spanId}"]`);
    row?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  if (spans.length === 0) {
    return (
      <p className="replay-empty" role="status">
        {spansStatus === 'loading'
          ? 'Loading spans …'
          : spansStatus === 'failed'
            ? 'The spans could not be loaded. The replay plays without them.'
            : 'No spans of this session have been seen. They appear when its traces pass through the processor.'}
      </p>
    );
  }
  let left = MAX_ROWS;
  return (
    <div className="replay-spans">
      <div className="replay-spans-head">
        {hasTrace ? (
          <div className="replay-segmented" role="group" aria-label="Which spans">
            <button type="button" aria-pressed={onlyTrace} onClick={() => setScope('trace')}>
              This trace
            </button>
            <button type="button" aria-pressed={!onlyTrace} onClick={() => setScope('all')}>
              All
            </button>
          </div>
        ) : null}
        <span className="replay-hint">
          {countText(
            groups.reduce((n, g) => n + g.rows.length, 0),
            'span',
          )}
        </span>
        <span className="replay-legend">
          <i data-origin="browser" /> browser <i data-origin="backend" /> backend
        </span>
      </div>
      <div className="replay-scroll" ref={listRef} tabIndex={0} role="region" aria-label="Spans">
        {groups.map((group) => {
          const rows = group.rows.slice(0, Math.max(0, left));
          left -= group.rows.length;
          return rows.length === 0 ? null : (
            <Group
              key={group.traceId}
              group={group}
              rows={rows}
              time={time}
              playback={playback}
              state={state}
              spanHref={spanHref}
            />
          );
        })}
        {left < 0 ? (
          <p className="replay-empty">{countText(-left, 'more span')} not listed.</p>
        ) : null}
      </div>
    </div>
  );
}

function Group({
  group,
  rows,
  time,
  playback,
  state,
  spanHref,
}: SpanListProps & { group: SpanGroup; rows: SpanRow[]; time: number }): ReactElement {
  return (
    <section className="replay-trace" aria-label={`Trace ${group.traceId}`}>
      <h2 className="replay-trace-head" data-current={group.traceId === state.traceId || undefined}>
        <span className="replay-trace-time">{clockText(group.from - state.from)}</span>
        <span className="replay-trace-name">{group.rows[0]?.span.name}</span>
        <code title={group.traceId}>{group.traceId.slice(0, 8)}</code>
      </h2>
      <ul>
        {rows.map(({ span, depth }) => (
          <Row
            key={span.spanId}
            span={span}
            depth={depth}
            group={group}
            isActive={
              span.startTime <= time && time <= Math.max(span.endTime, span.startTime + 300)
            }
            href={spanHref?.(span.traceId, span.spanId)}
            onSeek={() => void playback.seek(span.startTime)}
          />
        ))}
      </ul>
    </section>
  );
}

function Row(props: {
  span: TimelineSpan;
  depth: number;
  group: SpanGroup;
  isActive: boolean;
  href: string | undefined;
  onSeek: () => void;
}): ReactElement {
  const { span, depth, group, isActive, href, onSeek } = props;
  const length = Math.max(1e-6, group.to - group.from);
  const left = ((span.startTime - group.from) / length) * 100;
  const width = ((span.endTime - span.startTime) / length) * 100;
  return (
    <li
      className="replay-span"
      data-testid="span-row"
      data-trace-id={span.traceId}
      data-span-id={span.spanId}
      data-origin={span.origin}
      data-status={span.status}
      data-active={isActive || undefined}
    >
      <button
        type="button"
        className="replay-span-button"
        onClick={onSeek}
        title="Go to this moment"
      >
        <span className="replay-span-line" style={{ paddingLeft: Math.min(depth, 8) * 12 }}>
          <i data-origin={span.origin} aria-hidden="true" />
          <span className="replay-span-name">{span.name}</span>
          {span.status === 'error' ? (
            <span className="replay-badge" data-kind="error">
              error
            </span>
          ) : null}
          <span className="replay-span-duration">
            {durationText(span.endTime - span.startTime)}
          </span>
        </span>
        <span className="replay-span-line" style={{ paddingLeft: Math.min(depth, 8) * 12 }}>
          <span className="replay-span-service">
            {span.serviceName}
            {span.statusMessage === undefined ? '' : ` · ${span.statusMessage}`}
          </span>
          <span className="replay-span-bar" aria-hidden="true">
            <b style={{ left: `${left}%`, width: `${width}%` }} />
          </span>
        </span>
      </button>
      {href === undefined ? null : (
        <a className="replay-span-link" href={href} target="_blank" rel="noreferrer">
          Open trace
        </a>
      )}
    </li>
  );
}

/** The span that started last at the playhead. */
function currentSpan(groups: readonly SpanGroup[], time: number): TimelineSpan | undefined {
  let found: TimelineSpan | undefined;
  for (const { rows } of groups) {
    for (const { span } of rows) {
      if (span.startTime > time) continue;
      if (found === undefined || span.startTime >= found.startTime) found = span;
    }
  }
  return found;
}
