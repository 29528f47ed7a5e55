/** Everything that happened, in order. */
import { useMemo, useState, type ReactElement } from 'react';
import type { Mark, MarkKind } from '../../engine/timeline/marks.js';
import { clockText, pathText } from '../format.js';
import { Icon } from '../icons.js';
import { MARK_LOOKS } from '../mark-kinds.js';
import { beforeMark } from '../moments.js';
import { matches, type ListContext } from './list-context.js';
import { attributeFacts, Empty, Facts, Filters, SpanLink } from './list-parts.js';
import { RecordList } from './record-list.js';
import { useReading } from './use-reading.js';

const ALL = Object.keys(MARK_LOOKS) as MarkKind[];
const FILTERS = {
  all: { name: 'All', kinds: ALL },
  errors: { name: 'Errors', kinds: ['error', 'failed_request', 'console_error', 'freeze'] },
  user: { name: 'User', kinds: ['click', 'rage_click', 'dead_click', 'input', 'visibility'] },
  pages: { name: 'Pages', kinds: ['navigation'] },
  custom: { name: 'Custom', kinds: ['event'] },
  speed: { name: 'Speed', kinds: ['web_vital', 'long_task', 'freeze', 'storm', 'restraint'] },
  flags: { name: 'Flags', kinds: ['feature_flag'] },
} as const satisfies Record<string, { name: string; kinds: readonly MarkKind[] }>;
type Filter = keyof typeof FILTERS;

export function EventList({ context }: { context: ListContext }): ReactElement {
  const { state, query } = context;
  const { marks } = state;
  useReading(context);
  const [filter, setFilter] = useState<Filter>('all');
  const rows = useMemo(() => {
    const kinds: readonly MarkKind[] = FILTERS[filter].kinds;
    return marks
      .filter(({ kind }) => kinds.includes(kind))
      .filter((m) =>
        matches(query, m.label, MARK_LOOKS[m.kind].name, JSON.stringify(m.attributes)),
      );
  }, [marks, filter, query]);
  const options = useMemo(
    () =>
      (Object.keys(FILTERS) as Filter[]).map((value) => {
        const kinds: readonly MarkKind[] = FILTERS[value].kinds;
        const count = marks.filter(({ kind }) => kinds.includes(kind)).length;
        return { value, name: FILTERS[value].name, count };
      }),
    [marks],
  );
  return (
    <RecordList
      context={context}
      label="Events"
      rows={rows}
      keyOf={keyOf}
      timeOf={timeOf}
      seekOf={beforeMark}
      dataOf={(m) => ({ 'data-testid': 'moment-row', 'data-kind': m.kind })}
      render={(m) => <Row mark={m} from={state.from} />}
      titleOf={(m) => MARK_LOOKS[m.kind].name}
      actionsOf={(m) =>
        m.traceId === undefined || m.spanId === undefined ? null : (
          <SpanLink href={context.spanHref?.(m.traceId, m.spanId)} />
        )
      }
      detailOf={(m) => (
        <>
          <p className="replay-detail-lead">{m.label}</p>
          <Facts
            facts={[
              [
                'Time',
                `${m.approximate === true ? 'about ' : ''}${clockText(m.time - state.from, true)}`,
              ],
              ['Service', m.serviceName],
              ['Trace', m.traceId && <code>{m.traceId}</code>],
              ...attributeFacts(m.attributes),
            ]}
          />
        </>
      )}
      filters={
        <Filters label="Which events" value={filter} onChange={setFilter} options={options} />
      }
      empty={
        marks.length > 0 ? (
          <Empty
            title={query === '' ? `No ${FILTERS[filter].name.toLowerCase()}` : 'No event matches'}
          >
            {filter === 'custom' && query === '' ? (
              <p>
                The page can tell its own with <code>addEvent(name, attributes)</code> of the
                recorder.
              </p>
            ) : filter === 'flags' && query === '' ? (
              <p>
                The page can tell them with <code>setFeatureFlag(key, variant)</code> of the
                recorder.
              </p>
            ) : null}
          </Empty>
        ) : (
          <Empty title="Nothing happened in what is known of this session" />
        )
      }
    />
  );
}

const keyOf = (m: Mark): string => m.id;
const timeOf = (m: Mark): number => m.time;

function Row({ mark, from }: { mark: Mark; from: number }): ReactElement {
  const look = MARK_LOOKS[mark.kind];
  const attributes = mark.kind === 'event' ? Object.entries(mark.attributes ?? {}) : [];
  return (
    <>
      <span className="replay-row-time">
        {mark.approximate === true ? '~' : ''}
        {clockText(mark.time - from)}
      </span>
      <span className="replay-row-icon" data-tone={look.tone}>
        <Icon name={look.icon} />
        <span className="replay-hidden">{look.name}</span>
      </span>
      <span className="replay-row-text" title={mark.label}>
        {mark.kind === 'navigation' ? pathText(mark.label) : mark.label}
        {attributes.length === 0 ? null : (
          <span className="replay-row-more">
            {attributes.map(([key, value]) => `${key}=${String(value)}`).join(' ')}
          </span>
        )}
      </span>
    </>
  );
}
