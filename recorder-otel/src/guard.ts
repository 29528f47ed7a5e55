import { diag } from '@opentelemetry/api';

/** Told about every failure inside the recorder; `where` names the hook that failed. */
export type ErrorListener = (error: unknown, where: string) => void;

/** Reports per hook after which it falls silent: a hook that fails does so on every event. */
const MAX_REPORTS = 10;

/** Keeps failures inside: nothing thrown in a hook may reach the page. */
export interface Guard {
  /** Runs `fn`; on an error reports it and returns undefined. */
  run<R>(where: string, fn: () => R): R | undefined;
  /** The same for a function that is called later. */
  wrap<A extends unknown[], R>(where: string, fn: (...args: A) => R): (...args: A) => R | undefined;
  report: ErrorListener;
}

/** zone.js, where it is loaded. */
interface ZoneHost {
  Zone?: { root?: { run<R>(fn: () => R): R } };
}

export function createGuard(onError?: ErrorListener): Guard {
  const reports = new Map<string, number>();
  const report: ErrorListener = (error, where) => {
    const count = (reports.get(where) ?? 0) + 1;
    reports.set(where, count);
    if (count > MAX_REPORTS) return;
    try {
      if (onError) onError(error, where);
      else diag.error(`recorder-otel: ${where} failed`, error);
    } catch {
      // A listener that fails cannot be told about it.
    }
  };
  const run = <R>(where: string, fn: () => R): R | undefined => {
    try {
      // What zone.js takes for work of the application would wake Angular at each of our timers.
      const outside = (globalThis as ZoneHost).Zone?.root;
      return outside ? outside.run(fn) : fn();
    } catch (error) {
      report(error, where);
      return undefined;
    }
  };
  return {
    run,
    wrap:
      (where, fn) =>
      (...args) =>
        run(where, () => fn(...args)),
    report,
  };
}
