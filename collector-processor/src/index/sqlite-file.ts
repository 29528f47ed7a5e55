/**
 * One SQLite file that may be thrown away at any time: opened exclusively, not synced, its
 * statements prepared once. A file that was not closed well is checked before it is trusted.
 */
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import sqlite from 'node-sqlite3-wasm';
import { SCHEMA, SCHEMA_VERSION } from './schema.js';

export type Row = Record<string, string | number | bigint | Uint8Array | null>;
export type Value = string | number | null;

export class SqliteFile {
  readonly #file: string;
  readonly #statements = new Map<string, sqlite.Statement>();
  #database: sqlite.Database | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  get isOpen(): boolean {
    return this.#database !== undefined;
  }

  /** Opens the file, or a new one when it cannot be used; then `onReplaced` learns why. */
  async open(onReplaced: (reason: unknown) => void): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true });
    // The directory is locked for us, so this lock can only be of a process that was killed.
    await rm(`${this.#file}.lock`, { recursive: true, force: true });
    if (!existsSync(this.#file)) return this.#create();
    try {
      this.#connect();
      this.#check();
    } catch (error) {
      onReplaced(error);
      this.close();
      for (const end of ['', '-journal', '.lock']) {
        await rm(`${this.#file}${end}`, { recursive: true, force: true });
      }
      return this.#create();
    }
    this.setMeta('clean', '0');
  }

  close(): void {
    for (const statement of this.#statements.values()) statement.finalize();
    this.#statements.clear();
    this.#database?.close();
    this.#database = undefined;
  }

  /** All or nothing. */
  transaction(work: () => void): void {
    this.execute('BEGIN');
    try {
      work();
      this.execute('COMMIT');
    } catch (error) {
      if (this.#database?.inTransaction === true) this.execute('ROLLBACK');
      throw error;
    }
  }

  meta(name: string): string | undefined {
    const row = this.get('SELECT value FROM meta WHERE name = ?', [name]);
    return row === undefined ? undefined : String(row['value']);
  }

  setMeta(name: string, value: string): void {
    this.run('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)', [name, value]);
  }

  execute(sql: string): void {
    this.#opened().exec(sql);
  }

  run(sql: string, values: Value[]): void {
    this.#prepare(sql).run(values);
  }

  get(sql: string, values: Value[]): Row | undefined {
    return (this.#prepare(sql).get(values) as Row | null) ?? undefined;
  }

  all(sql: string, values: Value[]): Row[] {
    return this.#prepare(sql).all(values) as Row[];
  }

  #connect(): void {
    this.#database = new sqlite.Database(this.#file);
    this.execute(
      'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = OFF; PRAGMA cache_size = -16384;',
    );
  }

  /** Throws when the file is not one of ours, or of another version, or damaged. */
  #check(): void {
    if (this.meta('schema') !== String(SCHEMA_VERSION)) throw new Error('another schema version');
    if (this.meta('clean') === '1') return;
    const row = this.get('PRAGMA quick_check(1)', []);
    if (row?.['quick_check'] !== 'ok') throw new Error(`damaged: ${String(row?.['quick_check'])}`);
  }

  #create(): void {
    this.#connect();
    this.execute(SCHEMA);
    this.setMeta('schema', String(SCHEMA_VERSION));
    this.setMeta('clean', '0');
  }

  #prepare(sql: string): sqlite.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      this.#statements.set(sql, (statement = this.#opened().prepare(sql)));
    }
    return statement;
  }

  #opened(): sqlite.Database {
    if (this.#database === undefined) throw new Error('the index is not started');
    return this.#database;
  }
}
