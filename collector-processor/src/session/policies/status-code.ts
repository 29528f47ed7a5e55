import { isBrowserClientError } from '@otel-replay/protocol';
import { momentary } from './momentary.js';
import type { Policy, PolicySignal } from './policy.js';

const REASONS: Partial<Record<PolicySignal['kind'], string>> = {
  error_span: 'a span ended with status ERROR',
  exception: 'an exception was recorded on a span',
  exception_log: 'an exception was logged',
  http_5xx: 'a server answered 5xx',
  failed_fetch: 'a request of the page failed',
};

/**
 * Keeps a session for a while around each error. Browser instrumentation marks every 4xx as an
 * error; those are daily life (a wrong password, a missing image), so they do not count.
 */
export function statusCode(name: string): Policy {
  return {
    name,
    type: 'status_code',
    role: 'keep',
    evaluate(event) {
      if (event.kind !== 'signal') return undefined;
      const { signal } = event;
      const reason = REASONS[signal.kind];
      if (reason === undefined || isBrowserClientError(signal)) return undefined;
      return momentary(reason, signal);
    },
  };
}
