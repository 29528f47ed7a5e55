/** The statement behind a session list. */
import type { SessionQuery } from '../api/reader.js';
import { searchTerms } from './columns.js';
import { decodeCursor } from './cursor.js';
import { text } from './postgres-text.js';

/** One row more than wanted tells whether there is a next page. Throws ContractError `invalid`. */
export function listStatement(
  sessions: string,
  query: SessionQuery,
): { sql: string; values: unknown[] } {
  const where: string[] = ['true'];
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  const { services, urls } = searchTerms(query);
  if (query.from !== undefined) where.push(`last_timestamp >= ${bind(query.from)}`);
  if (query.to !== undefined) where.push(`first_timestamp <= ${bind(query.to)}`);
  if (services !== undefined) where.push(`strpos(services, ${bind(text(services))}) > 0`);
  if (urls !== undefined) where.push(`strpos(urls, ${bind(text(urls))}) > 0`);
  if (query.error !== undefined) where.push(`error_count ${query.error ? '>' : '='} 0`);
  if (query.user !== undefined) {
    const user = bind(text(query.user));
    where.push(`(user_id = ${user} OR user_hash = ${user})`);
  }
  if (query.cursor !== undefined) {
    const { firstTimestamp, sessionId } = decodeCursor(query.cursor);
    const after = `(${bind(firstTimestamp)}, ${bind(text(sessionId))})`;
    where.push(`(first_timestamp, session_id) < ${after}`);
  }
  const sql = `SELECT summary FROM ${sessions} WHERE ${where.join(' AND ')}
    ORDER BY first_timestamp DESC, session_id DESC LIMIT ${bind(query.limit + 1)}`;
  return { sql, values };
}
