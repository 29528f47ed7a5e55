import type { Policy, PolicySignal } from './policy.js';

export interface IgnoreOptions {
  kind?: PolicySignal['kind'];
  origin?: PolicySignal['origin'];
  serviceName?: string;
  name?: string;
  spanKind?: NonNullable<PolicySignal['spanKind']>;
  /** Both inclusive; a signal without a status is not in it. */
  httpStatusCode?: { from: number; to: number };
}

/** Signals that all of the options fit count for no policy; they stay visible in the replay. */
export function ignore(name: string, options: IgnoreOptions): Policy {
  const { kind, origin, serviceName, spanKind, httpStatusCode: range } = options;
  const fits = (signal: PolicySignal): boolean => {
    const code = signal.httpStatusCode;
    return (
      (kind === undefined || signal.kind === kind) &&
      (origin === undefined || signal.origin === origin) &&
      (spanKind === undefined || signal.spanKind === spanKind) &&
      (serviceName === undefined || signal.serviceName === serviceName) &&
      (options.name === undefined || signal.name === options.name) &&
      (range === undefined || (code !== undefined && code >= range.from && code <= range.to))
    );
  };
  return {
    name,
    type: 'ignore',
    role: 'ignore',
    evaluate: (event) =>
      event.kind === 'signal' && fits(event.signal)
        ? { reason: 'the signal is ignored', wholeSession: false }
        : undefined,
  };
}
