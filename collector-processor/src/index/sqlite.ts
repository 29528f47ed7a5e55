/**
 * The embedded index: SQLite as WebAssembly, because it needs no compiler where it is installed.
 * Commits are grouped.
 */
import {
  ContractError,
  type BlockFooter,
  type SessionList,
  type SessionSummary,
} from '@otel-replay/protocol';
import type { SessionQuery } from '../api/reader.js';
import { silentLogger, type Logger } from '../telemetry/logger.js';
import type { IndexedBlock, IndexedSession, SessionIndex, Tombstone, TraceHit } from './index.js';
import { SqliteFile, type Row, type Value } from './sqlite-file.js';
import { summarize, traceIdsOf } from './summary.js';

export interface SqliteIndexOptions {
  /** In a directory that only this process uses. */
  file: string;
  /** How long a write waits for others to share its commit; default 20 ms. */
  commitIntervalMs?: number;
  logger?: Logger;
}

export function createSqliteIndex(options: SqliteIndexOptions): SessionIndex {
  return new SqliteIndex(options);
}

interface Write {
  run: () => void;
  resolve: () => void;
  reject: (error: unknown) => void;
}

class SqliteIndex implements SessionIndex {
  readonly name = 'sqlite';
  readonly #file: string;
  readonly #commitIntervalMs: number;
  readonly #logger: Logger;
  readonly #db: SqliteFile;
  #writes: Write[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Something went wrong: the next start checks the file before it trusts it. */
  #doubtful = false;

  constructor(options: SqliteIndexOptions) {
    this.#file = options.file;
    this.#db = new SqliteFile(options.file);
    this.#commitIntervalMs = options.commitIntervalMs ?? 20;
    this.#logger = options.logger ?? silentLogger;
  }

  async start(): Promise<{ rebuild: boolean }> {
    await this.#db.open((error) => {
      this.#logger.warn('index is rebuilt', { file: this.#file, error });
    });
    return { rebuild: this.#db.meta('complete') !== '1' };
  }

  stop(): Promise<void> {
    if (this.#db.isOpen) {
      this.#commit();
      if (!this.#doubtful) this.#db.setMeta('clean', '1');
      this.#db.close();
    }
    return Promise.resolve();
  }

  markComplete(): Promise<void> {
    return this.#write(() => this.#db.setMeta('complete', '1'));
  }

  putBlock(block: IndexedBlock): Promise<void> {
    return this.#write(() => {
      const { sessionId } = block.footer;
      if (this.#isGone(sessionId)) return;
      this.#db.run(
        'INSERT OR REPLACE INTO blocks (session_id, key, bytes, footer) VALUES (?, ?, ?, ?)',
        [sessionId, block.key, block.bytes, JSON.stringify(block.footer)],
      );
      for (const traceId of traceIdsOf([block])) {
        this.#db.run('INSERT OR IGNORE INTO traces (trace_id, session_id) VALUES (?, ?)', [
          traceId,
          sessionId,
        ]);
      }
      this.#derive(sessionId, this.#base(sessionId));
    });
  }

  removeBlocks(sessionId: string, keys: readonly string[]): Promise<void> {
    return this.#write(() => {
      for (const key of keys) {
        this.#db.run('DELETE FROM blocks WHERE session_id = ? AND key = ?', [sessionId, key]);
      }
    });
  }

  putSession(summary: SessionSummary): Promise<void> {
    return this.#write(() => {
      if (!this.#isGone(summary.sessionId)) this.#derive(summary.sessionId, summary);
    });
  }

  putTombstone(tombstone: Tombstone): Promise<void> {
    return this.#write(() => {
      const { sessionId, reason } = tombstone;
      const before = this.#tombstone(sessionId);
      const traceIds = [...new Set([...(before?.traceIds ?? []), ...tombstone.traceIds])];
      this.#db.run('DELETE FROM sessions WHERE session_id = ?', [sessionId]);
      this.#db.run('DELETE FROM blocks WHERE session_id = ?', [sessionId]);
      for (const traceId of traceIds) {
        this.#db.run(
          'INSERT OR REPLACE INTO traces (trace_id, session_id, gone) VALUES (?, ?, ?)',
          [traceId, sessionId, reason],
        );
      }
      this.#db.run('INSERT OR REPLACE INTO tombstones (session_id, tombstone) VALUES (?, ?)', [
        sessionId,
        JSON.stringify({ ...tombstone, traceIds }),
      ]);
    });
  }

  session(sessionId: string): Promise<IndexedSession | undefined> {
    return this.#read(() => {
      const row = this.#db.get('SELECT summary FROM sessions WHERE session_id = ?', [sessionId]);
      if (row === undefined) return undefined;
      return { summary: parse<SessionSummary>(row, 'summary'), blocks: this.#blocks(sessionId) };
    });
  }

  tombstone(sessionId: string): Promise<Tombstone | undefined> {
    return this.#read(() => this.#tombstone(sessionId));
  }

  sessionsOfTrace(traceId: string): Promise<TraceHit[]> {
    return this.#read(() =>
      this.#db
        .all('SELECT session_id, gone FROM traces WHERE trace_id = ? ORDER BY session_id', [
          traceId,
        ])
        .map((row) => {
          const hit: TraceHit = { sessionId: String(row['session_id']) };
          if (row['gone'] !== null) hit.gone = row['gone'] as Tombstone['reason'];
          return hit;
        }),
    );
  }

  sessionsOfUser(user: string): Promise<string[]> {
    return this.#read(() =>
      this.#db
        .all(
          'SELECT session_id FROM sessions WHERE user_id = ? UNION SELECT session_id FROM sessions WHERE user_hash = ? ORDER BY session_id',
          [user, user],
        )
        .map((row) => String(row['session_id'])),
    );
  }

  activeSessions(): Promise<string[]> {
    return this.#read(() =>
      this.#db
        .all('SELECT session_id FROM sessions WHERE active = 1', [])
        .map((row) => String(row['session_id'])),
    );
  }

  list(query: SessionQuery): Promise<SessionList> {
    return this.#read(() => {
      const where: string[] = [];
      const values: Value[] = [];
      const filter = (sql: string, ...bound: Value[]): void => {
        where.push(sql);
        values.push(...bound);
      };
      if (query.from !== undefined) filter('last_timestamp >= ?', query.from);
      if (query.to !== undefined) filter('first_timestamp <= ?', query.to);
      if (query.service !== undefined) filter('instr(services, ?) > 0', `\n${query.service}\n`);
      if (query.user !== undefined) {
        filter('(user_id = ? OR user_hash = ?)', query.user, query.user);
      }
      if (query.url !== undefined) filter('instr(urls, ?) > 0', query.url.toLowerCase());
      if (query.error !== undefined) filter(query.error ? 'error_count > 0' : 'error_count = 0');
      if (query.cursor !== undefined) {
        const after = decodeCursor(query.cursor);
        filter('(first_timestamp, session_id) < (?, ?)', after.firstTimestamp, after.sessionId);
      }
      const rows = this.#db.all(
        `SELECT summary FROM sessions ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY first_timestamp DESC, session_id DESC LIMIT ?`,
        [...values, query.limit + 1],
      );
      const sessions = rows.map((row) => parse<SessionSummary>(row, 'summary'));
      if (sessions.length <= query.limit) return { sessions };
      sessions.pop();
      return { sessions, nextCursor: encodeCursor(sessions.at(-1)!) };
    });
  }

  #derive(sessionId: string, base: SessionSummary | undefined): void {
    const s = summarize(sessionId, base, this.#blocks(sessionId));
    if (s === undefined) return;
    this.#db.run(
      'INSERT OR REPLACE INTO sessions (session_id, first_timestamp, last_timestamp, active, error_count, user_id, user_hash, services, urls, base, summary) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      [
        sessionId,
        s.firstTimestamp,
        s.lastTimestamp,
        s.state === 'active' ? 1 : 0,
        s.errorCount,
        s.userId ?? null,
        s.userHash ?? null,
        `\n${s.serviceNames.join('\n')}\n`,
        s.urls.join('\n').toLowerCase(),
        base === undefined ? null : JSON.stringify(base),
        JSON.stringify(s),
      ],
    );
  }

  #base(sessionId: string): SessionSummary | undefined {
    const row = this.#db.get('SELECT base FROM sessions WHERE session_id = ?', [sessionId]);
    return row === undefined || row['base'] === null ? undefined : parse(row, 'base');
  }

  #blocks(sessionId: string): IndexedBlock[] {
    const sql = 'SELECT key, bytes, footer FROM blocks WHERE session_id = ? ORDER BY key';
    return this.#db.all(sql, [sessionId]).map((row) => ({
      key: String(row['key']),
      bytes: Number(row['bytes']),
      footer: parse<BlockFooter>(row, 'footer'),
    }));
  }

  #tombstone(sessionId: string): Tombstone | undefined {
    const row = this.#db.get('SELECT tombstone FROM tombstones WHERE session_id = ?', [sessionId]);
    return row === undefined ? undefined : parse(row, 'tombstone');
  }

  #isGone(sessionId: string): boolean {
    return this.#tombstone(sessionId) !== undefined;
  }

  #read<T>(read: () => T): Promise<T> {
    // async, so that a failure is a rejection
    return Promise.resolve().then(() => {
      this.#commit();
      try {
        return read();
      } catch (error) {
        if (!(error instanceof ContractError)) this.#doubtful = true;
        throw error;
      }
    });
  }

  #write(run: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#db.isOpen) {
        reject(new Error('the index is not started'));
        return;
      }
      this.#writes.push({ run, resolve, reject });
      this.#timer ??= setTimeout(() => this.#commit(), this.#commitIntervalMs);
    });
  }

  #commit(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const writes = this.#writes;
    if (writes.length === 0) return;
    this.#writes = [];
    try {
      this.#db.transaction(() => {
        for (const { run } of writes) run();
      });
      for (const { resolve } of writes) resolve();
    } catch (error) {
      this.#doubtful = true;
      for (const { reject } of writes) reject(error);
    }
  }
}

function parse<T>(row: Row, column: string): T {
  return JSON.parse(String(row[column])) as T;
}

function encodeCursor(last: SessionSummary): string {
  return Buffer.from(`${last.firstTimestamp}:${last.sessionId}`).toString('base64url');
}

function decodeCursor(cursor: string): { firstTimestamp: number; sessionId: string } {
  const match = /^(\d+):(.+)$/s.exec(Buffer.from(cursor, 'base64url').toString());
  if (match === null) {
    throw new ContractError('invalid', 'cursor', 'is not one that a session list gave out');
  }
  return { firstTimestamp: Number(match[1]), sessionId: match[2]! };
}
