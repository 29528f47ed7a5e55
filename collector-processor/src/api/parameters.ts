/** Path and query parameters, checked; a mistake is a 400 that names the parameter. */
import { LIMITS } from '@otel-replay/protocol';
import { ApiError } from './problem.js';
import type { CheckpointChoice, SessionQuery } from './reader.js';

export function traceIdOf(text: string): string {
  return hex(text, 'trace id');
}

export function recordingIdOf(text: string): string {
  return hex(text, 'recording id');
}

function hex(text: string, what: string): string {
  const lower = text.toLowerCase();
  if (/^[0-9a-f]{32}$/.test(lower)) return lower;
  throw new ApiError(400, `The ${what} "${shorten(text)}" must be 32 hex digits.`);
}

export function sessionIdOf(text: string): string {
  if (text !== '' && text.length <= LIMITS.SESSION_ID_LENGTH && !/\p{Surrogate}/u.test(text)) {
    return text;
  }
  throw new ApiError(
    400,
    `The session id "${shorten(text)}" must have 1 to ${LIMITS.SESSION_ID_LENGTH} characters.`,
  );
}

/** The one value of each known parameter; unknown and repeated ones are refused. */
export function readQuery<K extends string>(
  search: URLSearchParams,
  known: readonly K[],
): Partial<Record<K, string>> {
  const out: Partial<Record<K, string>> = {};
  for (const [name, value] of search) {
    const key = known.find((k) => k === name);
    if (key === undefined) {
      const list = known.length === 0 ? 'none' : known.join(', ');
      throw new ApiError(400, `There is no parameter "${shorten(name)}"; known here: ${list}.`);
    }
    if (out[key] !== undefined) throw new ApiError(400, `Parameter "${key}" is given twice.`);
    if (value !== '') out[key] = value;
  }
  return out;
}

export function sessionQueryOf(search: URLSearchParams): SessionQuery {
  const q = readQuery(search, [
    'from',
    'to',
    'service',
    'user',
    'url',
    'error',
    'limit',
    'cursor',
  ] as const);
  return {
    ...rangeOf(q),
    ...(q.service === undefined ? {} : { service: q.service }),
    ...(q.user === undefined ? {} : { user: q.user }),
    ...(q.url === undefined ? {} : { url: q.url }),
    ...(q.error === undefined ? {} : { error: booleanOf('error', q.error) }),
    limit: q.limit === undefined ? 50 : integerOf('limit', q.limit, 1, 200),
    ...(q.cursor === undefined ? {} : { cursor: q.cursor }),
  };
}

/** `from` and `to` in Unix milliseconds. */
export function rangeOf(q: { from?: string; to?: string }): { from?: number; to?: number } {
  const from = q.from === undefined ? undefined : timeOf('from', q.from);
  const to = q.to === undefined ? undefined : timeOf('to', q.to);
  if (from !== undefined && to !== undefined && from > to) {
    throw new ApiError(400, `Parameter "from" (${from}) is after "to" (${to}); swap them.`);
  }
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

const CHECKPOINTS: readonly CheckpointChoice[] = ['any', 'recorded', 'none'];

export function checkpointsOf({ checkpoints = 'any' }: { checkpoints?: string }): CheckpointChoice {
  const choice = CHECKPOINTS.find((known) => known === checkpoints);
  if (choice !== undefined) return choice;
  throw new ApiError(
    400,
    `Parameter "checkpoints" is "${shorten(checkpoints)}"; it must be any, recorded or none.`,
  );
}

function timeOf(name: string, text: string): number {
  return integerOf(name, text, 0, Number.MAX_SAFE_INTEGER, ' of Unix milliseconds');
}

function integerOf(name: string, text: string, min: number, max: number, unit = ''): number {
  const value = Number(text);
  if (/^\d{1,16}$/.test(text) && value >= min && value <= max) return value;
  throw new ApiError(
    400,
    `Parameter "${name}" is "${shorten(text)}"; it must be a whole number${unit} from ${min} to ${max}.`,
  );
}

function booleanOf(name: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new ApiError(400, `Parameter "${name}" is "${shorten(text)}"; it must be true or false.`);
}

const shorten = (text: string): string => (text.length > 80 ? `${text.slice(0, 77)}…` : text);
