/** A list of rows in order of time, with the facts of the chosen one below. */
import { useMemo, useState, type KeyboardEvent, type ReactElement, type ReactNode } from 'react';
import { useClock } from '../hooks.js';
import type { ListContext } from './list-context.js';
import { Detail, ReadingNote } from './list-parts.js';
import { RowList } from './row-list.js';

export interface RecordListProps<Row> {
  context: ListContext;
  label: string;
  /** In order of time. */
  rows: readonly Row[];
  rowHeight?: number;
  keyOf: (row: Row) => string;
  /** When it began, Unix milliseconds. */
  timeOf: (row: Row) => number;
  /** Where to go for it; default the time itself. */
  seekOf?: (row: Row) => number;
  dataOf: (row: Row) => Readonly<Record<`data-${string}`, string | undefined>>;
  render: (row: Row) => ReactNode;
  titleOf: (row: Row) => string;
  actionsOf?: (row: Row) => ReactNode;
  detailOf: (row: Row) => ReactNode;
  /** Above the rows. */
  filters?: ReactNode;
  /** Instead of no rows. */
  empty: ReactNode;
}

const ROW_HEIGHT = 34;
const CLOCK_STEP_MS = 150;

export function RecordList<Row>(props: RecordListProps<Row>): ReactElement {
  const { context, rows, timeOf, keyOf, seekOf = timeOf } = props;
  const { playback, state } = context;
  const [chosen, setChosen] = useState<string>();
  const time = useClock(playback.clock, CLOCK_STEP_MS);
  const current = rows.findLastIndex((row) => seekOf(row) <= time + 50);
  const selected = useMemo(
    () => (chosen === undefined ? undefined : rows.find((row) => keyOf(row) === chosen)),
    [rows, chosen, keyOf],
  );
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || chosen === undefined) return;
    event.stopPropagation();
    setChosen(undefined);
  };
  return (
    <div className="replay-list" onKeyDown={onKeyDown}>
      {props.filters}
      {rows.length === 0 ? (
        <div className="replay-rows">{props.empty}</div>
      ) : (
        <RowList
          rows={rows}
          label={props.label}
          rowHeight={props.rowHeight ?? ROW_HEIGHT}
          keyOf={keyOf}
          dataOf={props.dataOf}
          render={props.render}
          current={current}
          selectedKey={chosen}
          follows={context.follows}
          onStopFollowing={context.onStopFollowing}
          onChoose={(row) => {
            setChosen(keyOf(row));
            void playback.seek(seekOf(row));
          }}
        />
      )}
      <ReadingNote playback={playback} state={state} />
      {selected === undefined ? null : (
        <Detail
          title={props.titleOf(selected)}
          actions={props.actionsOf?.(selected)}
          onClose={() => setChosen(undefined)}
        >
          {props.detailOf(selected)}
        </Detail>
      )}
    </div>
  );
}
