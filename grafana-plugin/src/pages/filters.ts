/** What the list of sessions is narrowed by; it lives in the address, so that a list can be shared. */
import { dateMath, dateTime, rangeUtil, type RawTimeRange, type TimeRange } from '@grafana/data';
import type { ListRequest } from '../datasource/list-sessions';

export interface Filters {
  text: string;
  service: string;
  errors: 'with' | 'without' | undefined;
  /** As in the address: `now-24h`, or Unix milliseconds. */
  from: string;
  to: string;
}

export const DEFAULT_RANGE = { from: 'now-24h', to: 'now' };

export function readFilters(search: string): Filters {
  const query = new URLSearchParams(search);
  const errors = query.get('errors');
  const [from, to] = [query.get('from') ?? '', query.get('to') ?? ''];
  const isRange = isTime(from) && isTime(to);
  return {
    text: query.get('q') ?? '',
    service: query.get('service') ?? '',
    errors: errors === 'with' || errors === 'without' ? errors : undefined,
    from: isRange ? from : DEFAULT_RANGE.from,
    to: isRange ? to : DEFAULT_RANGE.to,
  };
}

export function rangeOf({ from, to }: Pick<Filters, 'from' | 'to'>): TimeRange {
  const raw: RawTimeRange = { from: momentOf(from), to: momentOf(to) };
  return rangeUtil.convertRawToRange(raw);
}

/** What the address says of a range that was picked. */
export function rangeSearch({ raw }: TimeRange): { from: string; to: string } {
  const text = (end: RawTimeRange['from']) =>
    typeof end === 'string' ? end : String(end.valueOf());
  return { from: text(raw.from), to: text(raw.to) };
}

export function requestOf(filters: Filters, range: TimeRange): Omit<ListRequest, 'limit'> {
  const { text, service, errors } = filters;
  return {
    from: range.from.valueOf(),
    to: range.to.valueOf(),
    ...(text === '' ? {} : { text }),
    ...(service === '' ? {} : { services: [service] }),
    ...(errors === undefined ? {} : { error: errors === 'with' }),
  };
}

const isTime = (text: string): boolean =>
  /^\d{10,16}$/.test(text) || (text.startsWith('now') && dateMath.isValid(text));

const momentOf = (text: string) => (/^\d+$/.test(text) ? dateTime(Number(text)) : text);
