/**
 * The shared index: any instance finds what all of them stored. Writes of one session come one
 * after the other, whoever makes them, because each derives the session's summary anew.
 */
import type { BlockFooter, SessionList, SessionSummary } from '@otel-replay/protocol';
import type { PoolClient } from 'pg';
import type { SessionQuery } from '../api/reader.js';
import { searchColumns } from './columns.js';
import { encodeCursor } from './cursor.js';
import {
  IndexConfigError,
  type IndexedBlock,
  type IndexedSession,
  type RebuildOptions,
  type SessionIndex,
  type Tombstone,
  type TraceHit,
} from './index.js';
import {
  PostgresConnection,
  type PostgresConnectionDeps,
  type PostgresServerOptions,
} from './postgres-connection.js';
import { judge } from './postgres-errors.js';
import { listStatement } from './postgres-list.js';
import { exclusively } from './postgres-lock.js';
import { ensureSchema, tablesOf, type Tables } from './postgres-schema.js';
import { json, parse, plain, text } from './postgres-text.js';
import { summarize, traceIdsOf } from './summary.js';

export interface PostgresIndexOptions extends PostgresServerOptions {
  /** Stable name of this instance: its active sessions are told from those of others by it. */
  instance: string;
  /** PostgreSQL schema of the tables; default `session_replay`. */
  schema?: string;
}

/** An instance that has not said for so long that a session is active does not count any more. */
const ACTIVE_FOR = "interval '2 hours'";

/** Needs PostgreSQL 11 or later. */
export function createPostgresIndex(
  options: PostgresIndexOptions,
  deps: PostgresConnectionDeps,
): SessionIndex {
  return new PostgresIndex(options, deps);
}

class PostgresIndex implements SessionIndex {
  readonly name = 'postgres';
  readonly #instance: string;
  readonly #tables: Tables;
  readonly #db: PostgresConnection;

  constructor(options: PostgresIndexOptions, deps: PostgresConnectionDeps) {
    this.#instance = options.instance;
    this.#tables = tablesOf(options.schema ?? 'session_replay');
    this.#db = new PostgresConnection(options, deps);
  }

  async start(): Promise<{ rebuild: boolean }> {
    await this.#db.open();
    try {
      await this.#db.transaction((client) => ensureSchema(client, this.#tables), { probe: true });
    } catch (error) {
      if (judge((error as Error).cause) !== 'refused') throw error;
      throw new IndexConfigError(
        `${(error as Error).message}. Check username, password, database and rights (CREATE on the database, or a schema that is ours) under exporters.replay_store.index.postgres`,
      );
    }
    return { rebuild: !(await this.#isComplete()) };
  }

  async stop(): Promise<void> {
    await this.#db.close();
  }

  async rebuild(
    fill: (signal: AbortSignal) => Promise<void>,
    { force = false, signal }: RebuildOptions = {},
  ): Promise<void> {
    const { meta, schema } = this.#tables;
    const isNeeded = async (): Promise<boolean> => force || !(await this.#isComplete());
    await exclusively(this.#db, `rebuild of ${schema}`, { isNeeded, signal }, async (until) => {
      const since = await this.#db.run(async (client) => {
        await client.query(`DELETE FROM ${meta} WHERE name = 'complete'`);
        const { rows } = await client.query<{ now: string }>(
          'SELECT clock_timestamp()::text AS now',
        );
        return rows[0]!.now;
      });
      await fill(until);
      until.throwIfAborted();
      await this.#dropOlder(since);
      await this.#db.run((client) =>
        client.query(
          `INSERT INTO ${meta} (name, value) VALUES ('complete', '1') ON CONFLICT (name) DO NOTHING`,
        ),
      );
    });
  }

  putBlock(block: IndexedBlock): Promise<boolean> {
    const { blocks, traces } = this.#tables;
    const { sessionId } = block.footer;
    const id = text(sessionId);
    return this.#change(sessionId, async (client, base) => {
      // The blocks are read as they were before: what a statement changes it does not see.
      const { rows } = await client.query<BlockRow>(
        `WITH block AS (
           INSERT INTO ${blocks} (session_id, key, bytes, footer) VALUES ($1, $2, $3, $4)
           ON CONFLICT (session_id, key) DO UPDATE SET bytes = $3, footer = $4, noted = now()
         ), trace AS (
           INSERT INTO ${traces} (trace_id, session_id) SELECT unnest($5::text[]), $1
           ON CONFLICT (trace_id, session_id) DO UPDATE SET noted = now()
         )
         SELECT key, bytes, footer FROM ${blocks} WHERE session_id = $1 AND key <> $2`,
        [id, block.key, block.bytes, json(block.footer), [...traceIdsOf([block])].map(text)],
      );
      await this.#derive(client, sessionId, base, [...rows.map(blockOf), block]);
    });
  }

  async removeBlocks(sessionId: string, keys: readonly string[]): Promise<void> {
    const sql = `DELETE FROM ${this.#tables.blocks} WHERE session_id = $1 AND key = ANY($2)`;
    await this.#db.run((client) => client.query(sql, [text(sessionId), keys]));
  }

  putSession(summary: SessionSummary, { found = false } = {}): Promise<boolean> {
    const { active } = this.#tables;
    const { sessionId, state } = summary;
    const sql =
      state === 'active'
        ? `INSERT INTO ${active} (session_id, instance) VALUES ($1, $2)
           ON CONFLICT (session_id, instance) DO UPDATE SET since = now()`
        : `DELETE FROM ${active} WHERE session_id = $1 AND instance = $2`;
    return this.#change(sessionId, async (client) => {
      if (!found) await client.query(sql, [text(sessionId), this.#instance]);
      await this.#derive(client, sessionId, summary, await this.#blocks(client, sessionId));
    });
  }

  async putTombstone(tombstone: Tombstone): Promise<void> {
    const { active, blocks, sessions, tombstones, traces } = this.#tables;
    const { sessionId, reason } = tombstone;
    const id = text(sessionId);
    await this.#db.transaction(async (client) => {
      await this.#lock(client, sessionId);
      const before = await this.#tombstone(client, sessionId);
      const traceIds = [...new Set([...(before?.traceIds ?? []), ...tombstone.traceIds])];
      for (const table of [sessions, blocks, active]) {
        await client.query(`DELETE FROM ${table} WHERE session_id = $1`, [id]);
      }
      await client.query(
        `INSERT INTO ${traces} (trace_id, session_id, gone) SELECT unnest($1::text[]), $2, $3
         ON CONFLICT (trace_id, session_id) DO UPDATE SET gone = $3, noted = now()`,
        [traceIds.map(text), id, reason],
      );
      await client.query(
        `INSERT INTO ${tombstones} (session_id, tombstone) VALUES ($1, $2)
         ON CONFLICT (session_id) DO UPDATE SET tombstone = $2, noted = now()`,
        [id, json({ ...tombstone, traceIds })],
      );
    });
  }

  session(sessionId: string): Promise<IndexedSession | undefined> {
    return this.#db.run(async (client) => {
      const sql = `SELECT summary FROM ${this.#tables.sessions} WHERE session_id = $1`;
      const { rows } = await client.query<{ summary: string }>(sql, [text(sessionId)]);
      const [row] = rows;
      if (row === undefined) return undefined;
      return { summary: parse(row.summary), blocks: await this.#blocks(client, sessionId) };
    });
  }

  tombstone(sessionId: string): Promise<Tombstone | undefined> {
    return this.#db.run((client) => this.#tombstone(client, sessionId));
  }

  async sessionsOfTrace(traceId: string): Promise<TraceHit[]> {
    const rows = await this.#select<{ session_id: string; gone: Tombstone['reason'] | null }>(
      `SELECT session_id, gone FROM ${this.#tables.traces} WHERE trace_id = $1 ORDER BY session_id`,
      [text(traceId)],
    );
    return rows.map(({ session_id: id, gone }) => ({
      sessionId: plain(id),
      ...(gone === null ? {} : { gone }),
    }));
  }

  async sessionsOfUser(user: string): Promise<string[]> {
    const rows = await this.#select<{ session_id: string }>(
      `SELECT session_id FROM ${this.#tables.sessions} WHERE user_id = $1 OR user_hash = $1 ORDER BY session_id`,
      [text(user)],
    );
    return rows.map((row) => plain(row.session_id));
  }

  async activeSessions(): Promise<string[]> {
    const rows = await this.#select<{ session_id: string }>(
      `SELECT session_id FROM ${this.#tables.active} WHERE instance = $1`,
      [this.#instance],
    );
    return rows.map((row) => plain(row.session_id));
  }

  async list(query: SessionQuery): Promise<SessionList> {
    const { sql, values } = listStatement(this.#tables.sessions, query);
    const rows = await this.#select<{ summary: string }>(sql, values);
    const sessions = rows.map((row) => parse<SessionSummary>(row.summary));
    if (sessions.length <= query.limit) return { sessions };
    sessions.pop();
    return { sessions, nextCursor: encodeCursor(sessions.at(-1)!) };
  }

  /** Changes a session that is not gone; false when it is. */
  #change(
    sessionId: string,
    work: (client: PoolClient, base: SessionSummary | undefined) => Promise<void>,
  ): Promise<boolean> {
    const { sessions, tombstones } = this.#tables;
    return this.#db.transaction(async (client) => {
      await this.#lock(client, sessionId);
      const { rows } = await client.query<{ gone: boolean; base: string | null }>(
        `SELECT EXISTS (SELECT 1 FROM ${tombstones} WHERE session_id = $1) AS gone,
                (SELECT base FROM ${sessions} WHERE session_id = $1) AS base`,
        [text(sessionId)],
      );
      const { gone, base } = rows[0]!;
      if (gone) return false;
      await work(client, base === null ? undefined : parse(base));
      return true;
    });
  }

  async #lock(client: PoolClient, sessionId: string): Promise<void> {
    const sql = 'SELECT pg_advisory_xact_lock(hashtextextended($1, 1))';
    await client.query(sql, [`${this.#tables.schema} ${text(sessionId)}`]);
  }

  async #derive(
    client: PoolClient,
    sessionId: string,
    base: SessionSummary | undefined,
    blocks: readonly IndexedBlock[],
  ): Promise<void> {
    const inOrder = [...blocks].sort((a, b) => (a.key < b.key ? -1 : 1));
    const s = summarize(sessionId, base, inOrder);
    if (s === undefined) return;
    // It has ended when it has ended everywhere.
    if (base?.state === 'ended' && (await this.#isActive(client, sessionId))) s.state = 'active';
    const { services, urls } = searchColumns(s);
    await client.query(
      `INSERT INTO ${this.#tables.sessions} (session_id, first_timestamp, last_timestamp, error_count,
         user_id, user_hash, services, urls, base, summary)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
       ON CONFLICT (session_id) DO UPDATE SET (first_timestamp, last_timestamp, error_count,
         user_id, user_hash, services, urls, base, summary, noted)
       = ($2, $3, $4, $5, $6, $7, $8, $9, $10, now())`,
      [
        ...[text(sessionId), s.firstTimestamp, s.lastTimestamp, s.errorCount],
        ...[s.userId, s.userHash, services, urls].map((v) => (v === undefined ? null : text(v))),
        ...[base === undefined ? null : json(base), json(s)],
      ],
    );
  }

  async #isActive(client: PoolClient, sessionId: string): Promise<boolean> {
    const sql = `SELECT 1 FROM ${this.#tables.active} WHERE session_id = $1 AND since > now() - ${ACTIVE_FOR}`;
    return (await client.query(sql, [text(sessionId)])).rows.length > 0;
  }

  async #blocks(client: PoolClient, sessionId: string): Promise<IndexedBlock[]> {
    const sql = `SELECT key, bytes, footer FROM ${this.#tables.blocks} WHERE session_id = $1 ORDER BY key`;
    return (await client.query<BlockRow>(sql, [text(sessionId)])).rows.map(blockOf);
  }

  async #tombstone(client: PoolClient, sessionId: string): Promise<Tombstone | undefined> {
    const sql = `SELECT tombstone FROM ${this.#tables.tombstones} WHERE session_id = $1`;
    const { rows } = await client.query<{ tombstone: string }>(sql, [text(sessionId)]);
    return rows[0] === undefined ? undefined : parse(rows[0].tombstone);
  }

  async #isComplete(): Promise<boolean> {
    const sql = `SELECT 1 FROM ${this.#tables.meta} WHERE name = 'complete'`;
    return (await this.#select(sql)).length > 0;
  }

  /** What a rebuild did not write again is not in the store. */
  async #dropOlder(since: string): Promise<void> {
    const { blocks, sessions, tombstones, traces } = this.#tables;
    const less = await this.#select<{ session_id: string }>(
      `DELETE FROM ${blocks} WHERE noted < $1 RETURNING session_id`,
      [since],
    );
    for (const table of [sessions, tombstones, traces]) {
      await this.#select(`DELETE FROM ${table} WHERE noted < $1`, [since]);
    }
    for (const id of new Set(less.map((row) => plain(row.session_id)))) {
      await this.#change(id, async (client, base) => {
        const left = await this.#blocks(client, id);
        if (left.length > 0) await this.#derive(client, id, base, left);
      });
    }
  }

  #select<R extends object>(sql: string, values: readonly unknown[] = []): Promise<R[]> {
    return this.#db.run(async (client) => (await client.query<R>(sql, [...values])).rows);
  }
}

interface BlockRow {
  key: string;
  bytes: number;
  footer: string;
}

function blockOf({ key, bytes, footer }: BlockRow): IndexedBlock {
  return { key, bytes, footer: parse<BlockFooter>(footer) };
}
