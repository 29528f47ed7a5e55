/**
 * The console: one wrapper for what is recorded and for what triggers. The wrapper is a proxy, so
 * that name, length and source text of the functions stay what they were.
 */
import type { Recording } from '../recording.js';
import { maskText } from '../shared.js';
import type { TriggerOptions } from '../trigger/options.js';
import type { ConsoleOptions } from './options.js';
import { summarize } from './summary.js';

type Level = NonNullable<ConsoleOptions['levels']>[number];
type Method = (...args: unknown[]) => void;

const LEVELS: readonly Level[] = ['debug', 'log', 'info', 'warn', 'error'];
const MINUTE_MS = 60_000;

export function recordConsole(
  recording: Recording,
  options: boolean | ConsoleOptions,
  triggers: TriggerOptions,
): () => void {
  const { levels = ['warn', 'error'] } = typeof options === 'object' ? options : {};
  const entry = options === false ? undefined : createEntries(recording, options);
  // What happens in here may itself write to the console.
  let inside = false;
  const notice = (level: Level, args: readonly unknown[]): void => {
    if (inside) return;
    inside = true;
    recording.guard.run('console', () => {
      if (levels.includes(level)) entry?.(level, args);
      if (level !== 'error') return;
      // Not by `count`: shared with this chunk, it would be one more for every page.
      const activity = recording.activity();
      activity.consoleErrorCount = (activity.consoleErrorCount ?? 0) + 1;
      if (triggers.consoleError) recording.trigger({ name: 'console_error' });
    });
    inside = false;
  };
  const wanted = LEVELS.filter(
    (level) => level === 'error' || (entry !== undefined && levels.includes(level)),
  );
  const ends = wanted.map((level) => wrap(level, (args) => notice(level, args)));
  return () => ends.forEach((end) => end());
}

function wrap(level: Level, onCall: (args: readonly unknown[]) => void): () => void {
  const target = console as unknown as Record<Level, Method>;
  const original = target[level];
  let active = true;
  const proxy = new Proxy(original, {
    apply: (method, self, args: unknown[]): unknown => {
      if (active) onCall(args);
      return Reflect.apply(method, self, args);
    },
    // Of a proxy itself, browsers say that it has no name.
    get: (method, key): unknown =>
      key === 'toString' ? () => String(method) : Reflect.get(method, key),
  });
  target[level] = proxy;
  return () => {
    // Somebody else may have wrapped it since; then it stays, and does nothing.
    active = false;
    if (target[level] === proxy) target[level] = original;
  };
}

/** Writes entries, so many a minute. */
function createEntries(
  recording: Recording,
  options: true | ConsoleOptions,
): (level: Level, args: readonly unknown[]) => void {
  const given = options === true ? {} : options;
  const { maxPerMinute = 100, maxLength = 1000, unmask = false } = given;
  let minute = 0;
  let written = 0;
  let dropped = 0;
  return (level, args) => {
    const now = Math.floor(Date.now() / MINUTE_MS);
    if (now !== minute) written = 0;
    minute = now;
    if (++written > maxPerMinute) {
      dropped++;
      return;
    }
    const said = summarize(args, maxLength);
    const text = unmask ? said : maskText(said);
    recording.mark('session_replay.console', { level, text, ...(dropped > 0 && { dropped }) });
    dropped = 0;
  };
}
