/** The spans as a waterfall that follows the playhead. */
import { useEffect, useMemo, useState, type KeyboardEvent, type ReactElement } from 'react';
import type { TimelineSpan } from '../../engine/timeline/spans.js';
import { clockText, durationText } from '../format.js';
import { useClock } from '../hooks.js';
import { waterfall, type SpanGroup } from '../waterfall.js';
import { matches, type ListContext } from './list-context.js';
import { Detail, Empty, Filters, SpanLink } from './list-parts.js';
import { RowList } from './row-list.js';
import { SpanDetail } from './span-detail.js';

const ROW_HEIGHT = 46;
const CLOCK_STEP_MS = 100;
/** A short span is lit for so long. */
const LIT_MS = 300;

type Row =
  | { kind: 'trace'; group: SpanGroup }
  | { kind: 'span'; group: SpanGroup; span: TimelineSpan; depth: number };
type Filter = 'trace' | 'all' | 'errors' | 'browser' | 'backend';

export interface SpanListProps {
  context: ListContext;
  /** `<trace id>/<span id>` to show, when another list asked for it. */
  wanted: string | undefined;
}

export function SpanList({ context, wanted }: SpanListProps): ReactElement {
  const { playback, state, query } = context;
  const { spans, traceId } = state;
  const ofTrace = useMemo(
    () => spans.filter((span) => span.traceId === traceId).length,
    [spans, traceId],
  );
  const [asked, setFilter] = useState<Filter>('trace');
  const filter = asked === 'trace' && ofTrace === 0 ? 'all' : asked;
  const [chosen, setChosen] = useState<string>();
  useEffect(() => {
    if (wanted === undefined) return;
    setFilter((now) => (wanted.startsWith(`${traceId ?? ''}/`) && now === 'trace' ? now : 'all'));
    setChosen(wanted);
  }, [wanted, traceId]);
  const rows = useMemo(
    () => rowsOf(spans.filter((span) => isWanted(span, filter, traceId) && found(span, query))),
    [spans, filter, traceId, query],
  );
  const time = useClock(playback.clock, CLOCK_STEP_MS);
  const isActive = (row: Row): boolean =>
    row.kind === 'span' &&
    row.span.startTime <= time &&
    time <= Math.max(row.span.endTime, row.span.startTime + LIT_MS);
  const at = rows.findIndex((row) => keyOf(row) === chosen);
  const selected = rows[at];
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || chosen === undefined) return;
    event.stopPropagation();
    setChosen(undefined);
  };
  const count = (value: Filter): number =>
    spans.filter((span) => isWanted(span, value, traceId)).length;
  return (
    <div className="replay-list" onKeyDown={onKeyDown}>
      <Filters
        label="Which spans"
        value={filter}
        onChange={setFilter}
        options={[
          ...(ofTrace > 0 ? [{ value: 'trace' as const, name: 'This trace', count: ofTrace }] : []),
          { value: 'all', name: 'All', count: spans.length },
          { value: 'errors', name: 'Errors', count: count('errors') },
          { value: 'browser', name: 'Browser', count: count('browser') },
          { value: 'backend', name: 'Backend', count: count('backend') },
        ]}
      />
      {rows.length === 0 ? (
        <div className="replay-rows">
          <NoSpans context={context} />
        </div>
      ) : (
        <RowList
          rows={rows}
          label="Spans"
          rowHeight={ROW_HEIGHT}
          keyOf={keyOf}
          dataOf={dataOf}
          render={(row) => <SpanRow row={row} from={state.from} traceId={traceId} />}
          current={currentOf(rows, time)}
          reveal={chosen === wanted ? at : -1}
          isActive={isActive}
          selectedKey={chosen}
          follows={context.follows}
          onStopFollowing={context.onStopFollowing}
          onChoose={(row) => {
            setChosen(keyOf(row));
            void playback.seek(row.kind === 'span' ? row.span.startTime : row.group.from);
          }}
        />
      )}
      {selected?.kind !== 'span' ? null : (
        <Detail
          title={selected.span.name}
          actions={
            <SpanLink href={context.spanHref?.(selected.span.traceId, selected.span.spanId)} />
          }
          onClose={() => setChosen(undefined)}
        >
          <SpanDetail span={selected.span} from={state.from} />
        </Detail>
      )}
    </div>
  );
}

function isWanted(span: TimelineSpan, filter: Filter, traceId: string | undefined): boolean {
  if (filter === 'trace') return span.traceId === traceId;
  if (filter === 'errors') return span.status === 'error';
  return filter === 'all' || span.origin === filter;
}

function found(span: TimelineSpan, query: string): boolean {
  const { name, serviceName, statusMessage, traceId, spanId } = span;
  if (matches(query, name, serviceName, statusMessage, traceId, spanId)) return true;
  return Object.entries(span.attributes).some(([key, value]) => matches(query, key, String(value)));
}

function rowsOf(spans: readonly TimelineSpan[]): Row[] {
  return waterfall(spans).flatMap((group): Row[] => [
    { kind: 'trace', group },
    ...group.rows.map(({ span, depth }): Row => ({ kind: 'span', group, span, depth })),
  ]);
}

function keyOf(row: Row): string {
  return row.kind === 'trace' ? row.group.traceId : `${row.span.traceId}/${row.span.spanId}`;
}

function dataOf(row: Row): Record<`data-${string}`, string | undefined> {
  if (row.kind === 'trace')
    return { 'data-testid': 'trace-row', 'data-trace-id': row.group.traceId };
  const { span } = row;
  return {
    'data-testid': 'span-row',
    'data-trace-id': span.traceId,
    'data-span-id': span.spanId,
    'data-origin': span.origin,
    'data-status': span.status,
  };
}

/** The span that started last at the playhead. */
function currentOf(rows: readonly Row[], time: number): number {
  let found = -1;
  let latest = -Infinity;
  for (const [at, row] of rows.entries()) {
    if (row.kind !== 'span') continue;
    const { startTime } = row.span;
    if (startTime > time || startTime < latest) continue;
    [found, latest] = [at, startTime];
  }
  return found;
}

function SpanRow(props: { row: Row; from: number; traceId: string | undefined }): ReactElement {
  const { row, from } = props;
  const { group } = row;
  if (row.kind === 'trace') {
    return (
      <span
        className="replay-trace-head"
        data-current={group.traceId === props.traceId || undefined}
      >
        <span className="replay-row-time">{clockText(group.from - from)}</span>
        <span className="replay-trace-name">{group.rows[0]?.span.name}</span>
        <code title={group.traceId}>{group.traceId.slice(0, 8)}</code>
      </span>
    );
  }
  const { span, depth } = row;
  const length = Math.max(1, group.to - group.from);
  const left = ((span.startTime - group.from) / length) * 100;
  const width = ((span.endTime - span.startTime) / length) * 100;
  const indent = { paddingLeft: Math.min(depth, 8) * 12 };
  return (
    <span className="replay-span">
      <span className="replay-span-line" style={indent}>
        <i data-origin={span.origin} aria-hidden="true" />
        <span className="replay-span-name" title={span.name}>
          {span.name}
        </span>
        {span.status === 'error' ? (
          <span className="replay-badge" data-kind="error">
            error
          </span>
        ) : null}
        <span className="replay-span-duration">{durationText(span.endTime - span.startTime)}</span>
      </span>
      <span className="replay-span-line" style={indent}>
        <span className="replay-span-service">
          <span className="replay-hidden">{span.origin}, </span>
          {span.serviceName}
          {span.statusMessage === undefined ? '' : ` · ${span.statusMessage}`}
        </span>
        <span className="replay-span-bar" aria-hidden="true">
          <b style={{ left: `${left}%`, width: `${width}%` }} />
        </span>
      </span>
    </span>
  );
}

function NoSpans({ context: { state } }: { context: ListContext }): ReactElement {
  if (state.spans.length > 0) return <Empty title="No span matches" />;
  if (state.spansStatus === 'loading') return <Empty title="Loading spans …" />;
  if (state.spansStatus === 'failed') {
    return (
      <Empty title="The spans could not be loaded">
        <p>The replay plays without them.</p>
      </Empty>
    );
  }
  return (
    <Empty title="No spans of this session have been seen">
      <p>They appear when its traces pass through the processor.</p>
    </Empty>
  );
}
