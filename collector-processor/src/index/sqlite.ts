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
import { searchColumns, searchTerms } from './columns.js';
import { decodeCursor, encodeCursor } from './cursor.js';
import type {
  IndexedBlock,
  IndexedSession,
  RebuildOptions,
  SessionIndex,
  Tombstone,
  TraceHit,
} from './index.js';
import { TABLES } from './schema.js';
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
  /** After the commit. */
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

  async rebuild(
    fill: (signal: AbortSignal) => Promise<void>,
    { force = false, signal }: RebuildOptions = {},
  ): Promise<void> {
    const isComplete = await this.#read(() => this.#db.meta('complete') === '1');
    if (isComplete && !force) return;
    await this.#write(() => {
      this.#db.setMeta('complete', '0');
      for (const table of TABLES) this.#db.execute(`DELETE FROM ${table}`);
    });
    await fill(signal ?? new AbortController().signal);
    await this.#write(() => this.#db.setMeta('complete', '1'));
  }

  putBlock(block: IndexedBlock): Promise<boolean> {
    return this.#write(() => {
      const { sessionId } = block.footer;
      if (this.#isGone(sessionId)) return false;
      this.#db.run(
        'INSERT OR REPLACE INTO blocks (session_id, key, bytes, footer) VALUES (?, ?, ?, ?)',
        [sessionId, block.key, block.bytes, JSON.stringify(block.footer)],
      );
      for (const traceId of traceIdsOf([block])) {
        const row = [traceId, sessionId];
        this.#db.run('INSERT OR IGNORE INTO traces (trace_id, session_id) VALUES (?, ?)', row);
      }
      this.#derive(sessionId, this.#base(sessionId));
      return true;
    });
  }

  removeBlocks(sessionId: string, keys: readonly string[]): Promise<void> {
    return this.#write(() => {
      for (const key of keys) {
        this.#db.run('DELETE FROM blocks WHERE session_id = ? AND key = ?', [sessionId, key]);
      }
    });
  }

  putSession(summary: SessionSummary): Promise<boolean> {
    return this.#write(() => {
      if (this.#isGone(summary.sessionId)) return false;
      this.#derive(summary.sessionId, summary);
      return true;
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
        .map(({ session_id: id, gone }) => ({
          sessionId: String(id),
          ...(gone === null ? {} : { gone: gone as Tombstone['reason'] }),
        })),
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
      const { services, urls } = searchTerms(query);
      if (services !== undefined) filter('instr(services, ?) > 0', services);
      if (query.user !== undefined) {
        filter('(user_id = ? OR user_hash = ?)', query.user, query.user);
      }
      if (urls !== undefined) filter('instr(urls, ?) > 0', urls);
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
    const { services, urls } = searchColumns(s);
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
        services,
        urls,
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

  #write<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.#db.isOpen) {
        reject(new Error('the index is not started'));
        return;
      }
      let result: T;
      const run = (): void => void (result = work());
      this.#writes.push({ run, resolve: () => resolve(result), reject });
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
