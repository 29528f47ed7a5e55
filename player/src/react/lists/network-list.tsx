/** Requests of the page. */
import { useMemo, useState, type ReactElement } from 'react';
import { requestsOf, type PageRequest } from '../../engine/timeline/requests.js';
import { bytesText, clockText, durationText, pathText } from '../format.js';
import { matches, type ListContext } from './list-context.js';
import { attributeFacts, Empty, Facts, Filters, SpanLink, type Fact } from './list-parts.js';
import { RecordList } from './record-list.js';
import { useReading } from './use-reading.js';

const SLOW_MS = 1000;
const FILTERS = {
  all: () => true,
  failed: isBad,
  slow: ({ durationMs }: PageRequest) => durationMs >= SLOW_MS,
} as const;
type Filter = keyof typeof FILTERS;

/** No answer, or 4xx and 5xx: all that a developer calls red. */
function isBad({ failed, status }: PageRequest): boolean {
  return failed || (status !== undefined && status >= 400);
}

export function NetworkList({ context }: { context: ListContext }): ReactElement {
  const { state, query } = context;
  useReading(context);
  const [filter, setFilter] = useState<Filter>('all');
  const requests = useMemo(
    () => requestsOf(state.requests, state.spans),
    [state.requests, state.spans],
  );
  const rows = useMemo(
    () =>
      requests
        .filter(FILTERS[filter])
        .filter((r) => matches(query, r.url, r.method, String(r.status ?? ''), r.traceId)),
    [requests, filter, query],
  );
  return (
    <RecordList
      context={context}
      label="Requests"
      rows={rows}
      keyOf={keyOf}
      timeOf={startOf}
      dataOf={(r) => ({
        'data-testid': 'request-row',
        'data-bad': isBad(r) ? 'true' : undefined,
        'data-span-id': r.spanId,
      })}
      render={(r) => <Row request={r} from={state.from} />}
      titleOf={(r) => `${r.method} ${pathText(r.url)}`.trim()}
      actionsOf={(r) => <Actions request={r} context={context} />}
      detailOf={(r) => <Facts facts={facts(r, state.from)} />}
      filters={
        <Filters
          label="Which requests"
          value={filter}
          onChange={setFilter}
          options={[
            { value: 'all', name: 'All', count: requests.length },
            { value: 'failed', name: '4xx, 5xx, failed', count: requests.filter(isBad).length },
            { value: 'slow', name: 'Over 1 s', count: requests.filter(FILTERS.slow).length },
          ]}
        />
      }
      empty={
        requests.length > 0 ? (
          <Empty title="No request matches" />
        ) : state.reading.status === 'reading' ? (
          <Empty title="Looking for requests …" />
        ) : (
          <Empty title="No requests">
            <p>
              They come from the page’s own OpenTelemetry fetch and XHR instrumentation. Add one to
              the page, and leave <code>capture.network</code> on.
            </p>
          </Empty>
        )
      }
    />
  );
}

const keyOf = (r: PageRequest): string => r.id;
const startOf = (r: PageRequest): number => r.start;

function Row({ request, from }: { request: PageRequest; from: number }): ReactElement {
  const { method, url, start, durationMs, responseBytes } = request;
  return (
    <>
      <span className="replay-row-time">{clockText(start - from)}</span>
      <span className="replay-method">{method}</span>
      <span className="replay-row-text" title={url}>
        {pathText(url)}
      </span>
      <span className="replay-status">{statusText(request)}</span>
      <span className="replay-row-amount">{durationText(durationMs)}</span>
      <span className="replay-row-amount" data-optional>
        {responseBytes === undefined ? '' : bytesText(responseBytes)}
      </span>
    </>
  );
}

function statusText({ status, aborted, failed }: PageRequest): string {
  if (aborted) return 'given up';
  if (status === 0) return 'failed';
  return status === undefined ? (failed ? 'error' : '') : String(status);
}

function Actions({
  request: { traceId, spanId, span },
  context,
}: {
  request: PageRequest;
  context: ListContext;
}): ReactElement | null {
  if (traceId === undefined || spanId === undefined) return null;
  return (
    <>
      {span === undefined ? null : (
        <button
          type="button"
          className="replay-button"
          data-small
          onClick={() => context.showSpan(traceId, spanId)}
        >
          Show span
        </button>
      )}
      <SpanLink href={context.spanHref?.(traceId, spanId)} />
    </>
  );
}

function facts(r: PageRequest, from: number): Fact[] {
  const bytes = (n: number | undefined): string | undefined =>
    n === undefined ? undefined : bytesText(n);
  return [
    ['Address', r.url],
    ['Answer', statusText(r) || 'not known'],
    ['Began', clockText(r.start - from, true)],
    ['Took', durationText(r.durationMs)],
    ['Sent', bytes(r.requestBytes)],
    ['Received', bytes(r.responseBytes)],
    ['Trace', r.traceId && <code>{r.traceId}</code>],
    ['Span', r.spanId && <code>{r.spanId}</code>],
    ...attributeFacts(r.span?.attributes),
  ];
}
