/** What the page wrote to its console, as far as the recorder was told to take it. */
import { useMemo, useState, type ReactElement } from 'react';
import type { ConsoleLevel, ConsoleRecord } from '../../engine/timeline/records.js';
import { clockText } from '../format.js';
import { Icon, type IconName } from '../icons.js';
import { matches, type ListContext } from './list-context.js';
import { Empty, Facts, Filters } from './list-parts.js';
import { RecordList } from './record-list.js';
import { useReading } from './use-reading.js';

type Filter = 'all' | 'error' | 'warn' | 'info' | 'debug';

const LEVELS: Record<Filter, readonly ConsoleLevel[]> = {
  all: ['error', 'warn', 'info', 'log', 'debug'],
  error: ['error'],
  warn: ['warn'],
  info: ['info', 'log'],
  debug: ['debug'],
};
const NAMES: Record<Filter, string> = {
  all: 'All',
  error: 'Errors',
  warn: 'Warnings',
  info: 'Info, log',
  debug: 'Debug',
};
const ICONS: Record<ConsoleLevel, IconName> = {
  error: 'error',
  warn: 'warn',
  info: 'console',
  log: 'console',
  debug: 'console',
};

export function ConsoleList({ context }: { context: ListContext }): ReactElement {
  const { state, query } = context;
  const { logs, reading } = state;
  useReading(context);
  const [filter, setFilter] = useState<Filter>('all');
  const rows = useMemo(
    () => logs.filter((l) => LEVELS[filter].includes(l.level) && matches(query, l.text)),
    [logs, filter, query],
  );
  const counts = useMemo(
    () =>
      (Object.keys(LEVELS) as Filter[]).map((value) => ({
        value,
        name: NAMES[value],
        count: logs.filter((l) => LEVELS[value].includes(l.level)).length,
      })),
    [logs],
  );
  return (
    <RecordList
      context={context}
      label="Console"
      rows={rows}
      keyOf={keyOf}
      timeOf={timeOf}
      dataOf={(l) => ({ 'data-testid': 'console-row', 'data-level': l.level })}
      render={(l) => (
        <>
          <span className="replay-row-time">{clockText(l.time - state.from)}</span>
          <span className="replay-row-icon" data-level={l.level}>
            <Icon name={ICONS[l.level]} />
            <span className="replay-hidden">{l.level}</span>
          </span>
          <span className="replay-row-text replay-mono">{l.text}</span>
          {l.dropped > 0 ? <span className="replay-row-amount">+{l.dropped}</span> : null}
        </>
      )}
      titleOf={(l) => `console.${l.level}`}
      detailOf={(l) => (
        <>
          <pre className="replay-code">{l.text}</pre>
          <Facts
            facts={[
              ['Time', clockText(l.time - state.from, true)],
              [
                'Left out before it',
                l.dropped > 0
                  ? `${l.dropped} entries, the limit per minute was reached`
                  : undefined,
              ],
            ]}
          />
        </>
      )}
      filters={
        <Filters label="Which levels" value={filter} onChange={setFilter} options={counts} />
      }
      empty={
        logs.length > 0 ? (
          <Empty title="No entry matches" />
        ) : reading.status === 'reading' || reading.status === 'off' ? (
          <Empty title="Looking for console entries …" />
        ) : (
          <Empty title="Nothing of the console is recorded">
            <p>
              Recording it is off by default, because logs may hold what users typed. Turn it on
              with <code>{'capture: { console: true }'}</code> of the recorder: warnings and errors,
              masked; see <code>levels</code> and <code>unmask</code> for more.
            </p>
          </Empty>
        )
      }
    />
  );
}

const keyOf = (l: ConsoleRecord): string => l.id;
const timeOf = (l: ConsoleRecord): number => l.time;
