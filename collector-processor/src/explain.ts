/** What a person reads of an error that ends the process. */
import { ConfigError } from './config/index.js';

/** Those whose message says what to do; any other is ours, and needs its stack. */
const KNOWN = [
  ...['UsageError', 'ListenError', 'DirectoryLockedError', 'StoreError', 'WorkerStartError'],
  ...['CoordinationConfigError', 'IndexConfigError'],
];

export function explain(error: unknown): string {
  if (error instanceof ConfigError) {
    const count = error.problems.length;
    return `The configuration has ${count === 1 ? 'a problem' : `${count} problems`}:\n${error.message.replace(/^/gm, '  ')}`;
  }
  if (!(error instanceof Error)) return String(error);
  return KNOWN.includes(error.name) ? error.message : (error.stack ?? error.message);
}
