/** Times of trace frames: milliseconds by contract, micro- and nanoseconds in older Grafanas. */

/** In milliseconds this is the year 5138, in microseconds 1973. */
const MICROSECONDS_FROM = 1e14;
const NANOSECONDS_FROM = 1e17;

/** How many of the unit of `timestamp` make a millisecond. */
export function unitsPerMillisecond(timestamp: number): number {
  if (timestamp >= NANOSECONDS_FROM) {
    return 1e6;
  }
  return timestamp >= MICROSECONDS_FROM ? 1e3 : 1;
}

/** Unix milliseconds; undefined for what is no moment. */
export function momentOf(value: unknown): number | undefined {
  const timestamp = numberOf(value);
  return timestamp === undefined || timestamp <= 0
    ? undefined
    : timestamp / unitsPerMillisecond(timestamp);
}

/** A number, or the text of one: nanoseconds come as text where they would lose digits. */
export function numberOf(value: unknown): number | undefined {
  const number =
    typeof value === 'string' && value.trim() !== ''
      ? Number(value)
      : typeof value === 'bigint' || typeof value === 'number'
        ? Number(value)
        : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}
