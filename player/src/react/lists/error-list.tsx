/** What went wrong, with what the traces say of it. */
import { useMemo, useState, type ReactElement } from 'react';
import { failuresOf, type FailureRecord } from '../../engine/timeline/failures.js';
import { clockText } from '../format.js';
import { Icon } from '../icons.js';
import { MARK_LOOKS } from '../mark-kinds.js';
import { LEAD_IN_MS } from '../moments.js';
import { matches, type ListContext } from './list-context.js';
import { attributeFacts, Empty, Facts, Filters, SpanLink } from './list-parts.js';
import { RecordList } from './record-list.js';
import { useReading } from './use-reading.js';

type Filter = 'all' | 'error' | 'failed_request' | 'console_error';

export function ErrorList({ context }: { context: ListContext }): ReactElement {
  const { state, query } = context;
  useReading(context);
  const [filter, setFilter] = useState<Filter>('all');
  const failures = useMemo(() => failuresOf(state.marks, state.spans), [state.marks, state.spans]);
  const rows = useMemo(
    () =>
      failures
        .filter(({ kind }) => filter === 'all' || kind === filter)
        .filter((f) => matches(query, f.title, f.message, f.serviceName, f.traceId)),
    [failures, filter, query],
  );
  const count = (kind: Filter): number => failures.filter((f) => f.kind === kind).length;
  return (
    <RecordList
      context={context}
      label="Errors"
      rows={rows}
      rowHeight={50}
      keyOf={keyOf}
      timeOf={timeOf}
      seekOf={seekOf}
      dataOf={(f) => ({ 'data-testid': 'error-row', 'data-kind': f.kind })}
      render={(f) => <Row failure={f} from={state.from} />}
      titleOf={(f) => MARK_LOOKS[f.kind].name}
      actionsOf={(f) => <Actions failure={f} context={context} />}
      detailOf={(f) => <FailureDetail failure={f} from={state.from} />}
      filters={
        <Filters
          label="Which errors"
          value={filter}
          onChange={setFilter}
          options={[
            { value: 'all', name: 'All', count: failures.length },
            { value: 'error', name: 'Errors', count: count('error') },
            { value: 'failed_request', name: 'Requests', count: count('failed_request') },
            { value: 'console_error', name: 'Console', count: count('console_error') },
          ]}
        />
      }
      empty={
        failures.length > 0 ? (
          <Empty title="No error matches" />
        ) : state.reading.status === 'reading' ? (
          <Empty title="Looking for errors …" />
        ) : (
          <Empty title="No errors">
            <p>No error of the page, no failed request and no exception of its traces is known.</p>
          </Empty>
        )
      }
    />
  );
}

const keyOf = (f: FailureRecord): string => f.id;
const timeOf = (f: FailureRecord): number => f.time;
const seekOf = (f: FailureRecord): number => f.time - LEAD_IN_MS;

function Row({ failure: f, from }: { failure: FailureRecord; from: number }): ReactElement {
  const below = [f.serviceName, f.message === f.title ? undefined : f.message];
  return (
    <>
      <span className="replay-row-time">{clockText(f.time - from)}</span>
      <span className="replay-row-icon" data-tone={MARK_LOOKS[f.kind].tone}>
        <Icon name={MARK_LOOKS[f.kind].icon} />
        <span className="replay-hidden">{MARK_LOOKS[f.kind].name}</span>
      </span>
      <span className="replay-row-lines">
        <span className="replay-row-text" title={f.title}>
          {f.title}
        </span>
        <span className="replay-row-sub">
          {below.filter((part) => part !== undefined).join(' · ') || MARK_LOOKS[f.kind].name}
        </span>
      </span>
    </>
  );
}

function Actions({
  failure: { traceId, spanId },
  context,
}: {
  failure: FailureRecord;
  context: ListContext;
}): ReactElement | null {
  if (traceId === undefined) return null;
  const { spans } = context.state;
  const span =
    spans.find((s) => s.traceId === traceId && s.spanId === spanId) ??
    spans.find((s) => s.traceId === traceId);
  return (
    <>
      {span === undefined ? null : (
        <button
          type="button"
          className="replay-button"
          data-small
          onClick={() => context.showSpan(traceId, span.spanId)}
        >
          Show span
        </button>
      )}
      {spanId === undefined ? null : <SpanLink href={context.spanHref?.(traceId, spanId)} />}
    </>
  );
}

function FailureDetail({
  failure: f,
  from,
}: {
  failure: FailureRecord;
  from: number;
}): ReactElement {
  return (
    <>
      <p className="replay-detail-lead">{f.message ?? f.title}</p>
      {f.stack === undefined ? null : <pre className="replay-code">{f.stack}</pre>}
      <Facts
        facts={[
          ['What', f.message === undefined ? undefined : f.title],
          ['Time', clockText(f.time - from, true)],
          ['Service', f.serviceName],
          ['Trace', f.traceId && <code>{f.traceId}</code>],
          ['Span', f.spanId && <code>{f.spanId}</code>],
          ...attributeFacts(f.mark?.attributes),
        ]}
      />
      {f.stack === undefined && f.kind === 'error' ? (
        <p className="replay-hint">
          The recorder keeps neither message nor stack of an error, which may hold what users typed.
          Spans with an exception event have them.
        </p>
      ) : null}
    </>
  );
}
