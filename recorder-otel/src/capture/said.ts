/** What the page says of itself: events and feature flags, in its developers' words. */
import type { CustomEventValue } from '@otel-replay/protocol';
import { FULL_SNAPSHOT } from '../shared.js';
import { count } from './count.js';
import type { Recording } from '../recording.js';
import type { Said } from './occurrences.js';

const MAX_NAME = 200;
const MAX_ATTRIBUTES = 50;
const MAX_TEXT = 1000;
const MAX_ITEMS = 100;
/** Per segment: a page that says more than this says it in a loop. */
const MAX_EVENTS = 500;
const MAX_FLAGS = 200;

export function recordSaid(recording: Recording): () => void {
  const flags = new Map<string, string>();
  const markFlag = (key: string, variant: string, timestamp?: number): void =>
    recording.mark(
      'session_replay.feature_flag',
      { 'feature_flag.key': key, 'feature_flag.result.variant': variant },
      timestamp,
    );
  const sayFlag = ({ flag, variant, timestamp }: Extract<Said, { flag: string }>): void => {
    const text = String(variant);
    checkName(flag, 'setFeatureFlag: key');
    checkName(text, 'setFeatureFlag: variant');
    // Flags are asked for again and again, with every rendering.
    if (flags.get(flag) === text) return;
    if (flags.size >= MAX_FLAGS && !flags.has(flag)) {
      throw new RangeError(`setFeatureFlag: more than ${MAX_FLAGS} flags`);
    }
    flags.set(flag, text);
    markFlag(flag, text, timestamp);
  };
  const stops = [
    recording.on('said', (said) => {
      if ('flag' in said) sayFlag(said);
      else sayEvent(said, recording);
    }),
    // What came before may be forgotten: a buffer keeps the last half minute.
    recording.on('event', ({ type }) => {
      if (type === FULL_SNAPSHOT) for (const [key, variant] of flags) markFlag(key, variant);
    }),
  ];
  return () => stops.forEach((stop) => stop());
}

function sayEvent(said: Extract<Said, { event: string }>, recording: Recording): void {
  const { event: name, timestamp } = said;
  checkName(name, 'addEvent: name');
  const events = count(recording, 'customEventCount');
  if (events > MAX_EVENTS) {
    if (events > MAX_EVENTS + 1) return;
    throw new RangeError(`addEvent: more than ${MAX_EVENTS} in one segment; the rest is counted`);
  }
  const faults: string[] = [];
  const attributes = attributesOf(said.attributes ?? {}, faults);
  const some = Object.keys(attributes).length > 0;
  recording.mark('session_replay.event', { name, ...(some && { attributes }) }, timestamp);
  if (faults.length > 0) throw new RangeError(`addEvent "${name}": ${faults.join('; ')}`);
}

function checkName(name: unknown, what: string): void {
  if (typeof name !== 'string' || name === '' || name.length > MAX_NAME) {
    throw new TypeError(`${what} must be a string of 1 to ${MAX_NAME} characters`);
  }
}

/** What of them may be recorded; `faults` are told in words without values. */
function attributesOf(
  given: Record<string, unknown>,
  faults: string[],
): Record<string, CustomEventValue> {
  const attributes: [string, CustomEventValue][] = [];
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  if (entries.length > MAX_ATTRIBUTES) {
    faults.push(`${entries.length} attributes, at most ${MAX_ATTRIBUTES} are recorded`);
  }
  for (const [key, value] of entries.slice(0, MAX_ATTRIBUTES)) {
    const fault = key.length > MAX_NAME ? 'its name is too long' : undefined;
    const kept = Array.isArray(value) ? listOf(value, key, faults) : scalar(value, key, faults);
    if (fault !== undefined || kept === undefined) {
      faults.push(
        `${key.slice(0, MAX_NAME)} left out: ${fault ?? 'not a string, number, boolean or list of one of them'}`,
      );
    } else attributes.push([key, kept]);
  }
  return Object.fromEntries(attributes);
}

function scalar(
  value: unknown,
  key: string,
  faults: string[],
): string | number | boolean | undefined {
  if (typeof value === 'boolean') return value;
  // JSON has no other numbers.
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  if (value.length > MAX_TEXT) faults.push(`${key} cut to ${MAX_TEXT} characters`);
  return value.slice(0, MAX_TEXT);
}

function listOf(list: unknown[], key: string, faults: string[]): CustomEventValue | undefined {
  if (list.length > MAX_ITEMS) faults.push(`${key} cut to ${MAX_ITEMS} values`);
  const items = list.slice(0, MAX_ITEMS).map((value) => scalar(value, key, faults));
  const [first] = items;
  return items.every((item) => item !== undefined && typeof item === typeof first)
    ? (items as string[])
    : undefined;
}
