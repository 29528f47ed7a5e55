/**
 * Tables of the shared index. They lie in a PostgreSQL schema of their own, are created by whoever
 * starts first, and a change of any of them raises the version: then they are made anew.
 */
import type { PoolClient } from 'pg';
import { IndexConfigError } from './index.js';

const VERSION = 1;

/** Names of the tables, quoted and with their schema. */
export interface Tables {
  schema: string;
  meta: string;
  sessions: string;
  /** Which instance has which session active. */
  active: string;
  blocks: string;
  traces: string;
  tombstones: string;
}

/** @param schema lower-case letters, digits and `_`; checked by the configuration's schema */
export function tablesOf(schema: string): Tables {
  const name = (table: string): string => `"${schema}"."${table}"`;
  return {
    schema,
    meta: name('meta'),
    sessions: name('sessions'),
    active: name('active'),
    blocks: name('blocks'),
    traces: name('traces'),
    tombstones: name('tombstones'),
  };
}

/**
 * Creates what is missing, in the caller's transaction. One instance after the other, however many
 * start at once. Throws {@link IndexConfigError} when a newer program made the tables.
 */
export async function ensureSchema(client: PoolClient, tables: Tables): Promise<void> {
  const { schema, meta } = tables;
  await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `session_replay schema ${schema}`,
  ]);
  const { rows } = await client.query<{ exists: boolean; filled: boolean }>(
    'SELECT to_regnamespace($1) IS NOT NULL AS exists, to_regclass($2) IS NOT NULL AS filled',
    [`"${schema}"`, meta],
  );
  // Not IF NOT EXISTS: that needs the right to create schemas even when there is nothing to do.
  if (rows[0]?.exists !== true) await client.query(`CREATE SCHEMA "${schema}"`);
  const version = rows[0]?.filled === true ? await readVersion(client, tables) : 0;
  if (version === VERSION) return;
  if (version > VERSION) {
    throw new IndexConfigError(
      `the index in schema ${schema} was made by a newer version of this program (${version}, not ${VERSION}); run that one, or set exporters.replay_store.index.postgres.schema to another`,
    );
  }
  await client.query(
    `DROP TABLE IF EXISTS ${[tables.meta, tables.sessions, tables.active, tables.blocks, tables.traces, tables.tombstones].join(', ')}`,
  );
  await client.query(definition(tables));
  await client.query(`INSERT INTO ${meta} (name, value) VALUES ('version', $1)`, [String(VERSION)]);
}

async function readVersion(client: PoolClient, { meta }: Tables): Promise<number> {
  const sql = `SELECT value FROM ${meta} WHERE name = 'version'`;
  const { rows } = await client.query<{ value: string }>(sql);
  return Number(rows[0]?.value ?? 0);
}

/**
 * `noted` says when a row was last written, by the server's clock: what a rebuild did not write
 * again is in the store no more. Ids compare as bytes, whatever the database's collation.
 */
function definition({ active, blocks, meta, sessions, tombstones, traces }: Tables): string {
  const id = 'text COLLATE "C" NOT NULL';
  const noted = 'timestamptz NOT NULL DEFAULT now()';
  return `
CREATE TABLE ${meta} (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE ${sessions} (
  session_id ${id} PRIMARY KEY,
  first_timestamp double precision NOT NULL,
  last_timestamp double precision NOT NULL,
  error_count double precision NOT NULL,
  user_id text,
  user_hash text,
  services text NOT NULL,
  urls text NOT NULL,
  base text,
  summary text NOT NULL,
  noted ${noted}
);
CREATE INDEX ON ${sessions} (first_timestamp DESC, session_id DESC);
CREATE INDEX ON ${sessions} (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX ON ${sessions} (user_hash) WHERE user_hash IS NOT NULL;
CREATE TABLE ${active} (
  session_id ${id},
  instance text NOT NULL,
  since ${noted},
  PRIMARY KEY (session_id, instance)
);
CREATE INDEX ON ${active} (instance);
CREATE TABLE ${blocks} (
  session_id ${id},
  key ${id},
  bytes double precision NOT NULL,
  footer text NOT NULL,
  noted ${noted},
  PRIMARY KEY (session_id, key)
);
CREATE TABLE ${traces} (
  trace_id ${id},
  session_id ${id},
  gone text,
  noted ${noted},
  PRIMARY KEY (trace_id, session_id)
);
CREATE TABLE ${tombstones} (
  session_id ${id} PRIMARY KEY,
  tombstone text NOT NULL,
  noted ${noted}
);`;
}
