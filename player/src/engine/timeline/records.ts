/** Compact rows of what segments hold besides the picture; all that stays of events that were read. */
import type { CustomEventValue } from '@otel-replay/protocol';

/** A request of the page, when it had ended. */
export interface RequestRecord {
  id: string;
  /** Unix milliseconds, browser clock. */
  start: number;
  durationMs: number;
  /** Empty when it is not known. */
  method: string;
  url: string;
  /** 0: no answer. */
  status: number;
  failed: boolean;
  aborted: boolean;
  /** Of the bodies, where known. */
  requestBytes?: number;
  responseBytes?: number;
  traceId?: string;
  spanId?: string;
  recordingId?: string;
}

export type ConsoleLevel = 'debug' | 'log' | 'info' | 'warn' | 'error';

/** A call of the page's console. */
export interface ConsoleRecord {
  id: string;
  /** Unix milliseconds, browser clock. */
  time: number;
  level: ConsoleLevel;
  text: string;
  /** Entries left out before this one. */
  dropped: number;
  recordingId: string;
}

/** Flat facts of a moment, to be listed. */
export type Attributes = Readonly<Record<string, CustomEventValue>>;

const MAX_TEXT = 4000;
const MAX_ATTRIBUTES = 100;

/** Recordings may be anyone's: nothing of them is taken on trust. */
export function textOf(value: unknown, max = MAX_TEXT): string | undefined {
  return typeof value === 'string' ? value.slice(0, max) : undefined;
}

/** Finite and not negative. */
export function amountOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** Those of the values that are flat. */
export function attributesOf(value: unknown): Attributes | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const found = Object.entries(value)
    .slice(0, MAX_ATTRIBUTES)
    .flatMap(([key, own]): [string, CustomEventValue][] => {
      const flat = flatValue(own);
      return flat === undefined ? [] : [[key.slice(0, 200), flat]];
    });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}

function flatValue(value: unknown): CustomEventValue | undefined {
  if (typeof value === 'string') return value.slice(0, MAX_TEXT);
  if (typeof value === 'boolean' || typeof value === 'number') return value;
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, MAX_ATTRIBUTES).map((item) => String(item).slice(0, MAX_TEXT));
}

const LEVELS: ReadonlySet<unknown> = new Set(['debug', 'log', 'info', 'warn', 'error']);

type Payload = Record<string, unknown>;
interface Place {
  id: string;
  time: number;
  recordingId: string;
}

export function consoleRecord(payload: Payload, { id, time, recordingId }: Place): ConsoleRecord {
  const level = LEVELS.has(payload['level']) ? (payload['level'] as ConsoleLevel) : 'log';
  const dropped = amountOf(payload['dropped']) ?? 0;
  return { id, time, level, text: textOf(payload['text']) ?? '', dropped, recordingId };
}

export function requestRecord(payload: Payload, { id, time, recordingId }: Place): RequestRecord {
  const durationMs = amountOf(payload['durationMs']) ?? 0;
  const record: RequestRecord = {
    id,
    start: amountOf(payload['start']) ?? time - durationMs,
    durationMs,
    method: textOf(payload['method'], 20) ?? '',
    url: textOf(payload['url']) ?? '',
    status: amountOf(payload['status']) ?? 0,
    failed: payload['failed'] === true,
    aborted: payload['aborted'] === true,
    recordingId,
  };
  const requestBytes = amountOf(payload['requestBytes']);
  const responseBytes = amountOf(payload['responseBytes']);
  const traceId = textOf(payload['traceId'], 32);
  const spanId = textOf(payload['spanId'], 16);
  if (requestBytes !== undefined) record.requestBytes = requestBytes;
  if (responseBytes !== undefined) record.responseBytes = responseBytes;
  if (traceId !== undefined) record.traceId = traceId;
  if (spanId !== undefined) record.spanId = spanId;
  return record;
}

/** `GET /api/cart 503` */
export function requestLabel({ method, url, status }: RequestRecord): string {
  const path = url.replace(/^[a-z]+:\/\/[^/]*/i, '');
  const answer = status > 0 ? String(status) : 'failed';
  return [method, path, answer].filter((part) => part !== '').join(' ');
}
