/** What an error of the `pg` driver means for us. */

/**
 * `away`: the server, or this connection to it, cannot be used now; `busy`: it can, but not for
 * this; `conflict`: another transaction was in the way; `lost`: our tables are not there any more;
 * `refused`: it will not let us in; `failed`: anything else, and it would fail again.
 */
export type Verdict = 'away' | 'busy' | 'conflict' | 'lost' | 'refused' | 'failed';

/** SQLSTATE by its start, the longest first (PostgreSQL manual, appendix A). */
const BY_CODE: readonly [string, Verdict][] = [
  ['57014', 'busy'], // query_canceled: it took too long
  ['55P03', 'busy'], // lock_not_available
  ['40001', 'conflict'], // serialization_failure
  ['40P01', 'conflict'], // deadlock_detected
  ['25006', 'away'], // read_only_sql_transaction: a standby, until it is promoted
  ['42P01', 'lost'], // undefined_table
  ['42703', 'lost'], // undefined_column
  ['3F000', 'lost'], // invalid_schema_name
  ['3D000', 'refused'], // invalid_catalog_name: no such database
  ['42501', 'refused'], // insufficient_privilege
  ['28', 'refused'], // invalid authorization
  ['08', 'away'], // connection exception
  ['53', 'away'], // insufficient resources
  ['57P', 'away'], // shutting down, starting
  ['58', 'away'], // system error
  ['XX', 'away'], // internal error
];

export function judge(error: unknown): Verdict {
  const code = codeOf(error);
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code)) {
    return BY_CODE.find(([start]) => code.startsWith(start))?.[1] ?? 'failed';
  }
  if (code !== undefined) return 'away'; // Node's own: ECONNREFUSED, and what TLS objects to
  // The driver's own are plain errors; others are mistakes of the program.
  if (!(error instanceof Error) || error.constructor !== Error) return 'failed';
  return error.message.startsWith('SASL') ? 'refused' : 'away';
}

/** Of an error of the server: its words and its code. */
export function readableCode(error: unknown): string {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  // Errors of several addresses have a code and no message.
  if (message === '') return code ?? 'no answer';
  return code === undefined || message.includes(code) ? message : `${message} (${code})`;
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
