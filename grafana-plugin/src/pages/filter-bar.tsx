/** Search, filters and time range of the session list. */
import { css } from '@emotion/css';
import { dateTime, getTimeZone, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import {
  Button,
  Combobox,
  Input,
  RadioButtonGroup,
  TimeRangePicker,
  useStyles2,
} from '@grafana/ui';
import { useState } from 'react';
import { rangeSearch, type Filters } from './filters';
import { setSearch } from './use-address';

interface Props {
  filters: Filters;
  range: TimeRange;
  /** Of the sessions that are shown, as suggestions. */
  services: readonly string[];
  isLoading: boolean;
  onRefresh: () => void;
}

const ERRORS = [
  { value: 'all' as const, label: 'All' },
  { value: 'with' as const, label: 'With errors' },
  { value: 'without' as const, label: 'Without' },
];

export function FilterBar({ filters, range, services, isLoading, onRefresh }: Props) {
  const styles = useStyles2(getStyles);
  const [timeZone, setTimeZone] = useState(getTimeZone());
  const setRange = (next: TimeRange) => setSearch(rangeSearch(next));
  const names = [...new Set([...services, filters.service])].filter((name) => name !== '');
  return (
    <div className={styles.bar} role="search">
      <SearchBox key={filters.text} text={filters.text} />
      <div className={styles.service}>
        <Combobox
          aria-label="Service"
          placeholder="All services"
          isClearable
          createCustomValue
          value={filters.service === '' ? null : filters.service}
          options={names.map((value) => ({ value }))}
          onChange={(option) => setSearch({ service: option?.value })}
        />
      </div>
      <RadioButtonGroup
        aria-label="Errors"
        options={ERRORS}
        value={filters.errors ?? 'all'}
        onChange={(value) => setSearch({ errors: value === 'all' ? undefined : value })}
      />
      <span className={styles.space} />
      <TimeRangePicker
        isOnCanvas
        value={range}
        timeZone={timeZone}
        onChange={setRange}
        onChangeTimeZone={setTimeZone}
        onMoveBackward={() => setRange(moved(range, -1))}
        onMoveForward={() => setRange(moved(range, 1))}
        onZoom={() => setRange(zoomedOut(range))}
      />
      <Button
        variant="secondary"
        icon={isLoading ? 'spinner' : 'sync'}
        aria-label="Refresh"
        tooltip="Look for newer sessions"
        onClick={onRefresh}
      />
    </div>
  );
}

function SearchBox({ text }: { text: string }) {
  const styles = useStyles2(getStyles);
  const [value, setValue] = useState(text);
  return (
    <form
      className={styles.search}
      onSubmit={(event) => {
        event.preventDefault();
        setSearch({ q: value.trim() });
      }}
    >
      <Input
        type="search"
        aria-label="Search sessions"
        placeholder="Trace, session, user, or part of an address"
        value={value}
        spellCheck={false}
        onChange={(event) => setValue(event.currentTarget.value)}
        onBlur={() => {
          if (value.trim() !== text) {
            setSearch({ q: value.trim() });
          }
        }}
      />
    </form>
  );
}

function moved({ from, to }: TimeRange, by: -1 | 1): TimeRange {
  const shift = by * (to.valueOf() - from.valueOf());
  return fixed(from.valueOf() + shift, to.valueOf() + shift);
}

function zoomedOut({ from, to }: TimeRange): TimeRange {
  const half = (to.valueOf() - from.valueOf()) / 2;
  return fixed(from.valueOf() - half, Math.min(to.valueOf() + half, Date.now()));
}

function fixed(from: number, to: number): TimeRange {
  const ends = { from: dateTime(Math.round(from)), to: dateTime(Math.round(to)) };
  return { ...ends, raw: ends };
}

const getStyles = (theme: GrafanaTheme2) => ({
  bar: css({
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: theme.spacing(1),
    marginBottom: theme.spacing(1),
  }),
  search: css({ flex: '1 1 280px', maxWidth: 460 }),
  service: css({ flex: '0 1 180px', minWidth: 140 }),
  space: css({ flex: 1 }),
});
