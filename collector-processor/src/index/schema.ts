/** Tables of the embedded index. A change of any of them raises the version: it is rebuilt then. */
export const SCHEMA_VERSION = 1;

/** What a rebuild fills. */
export const TABLES = ['sessions', 'blocks', 'traces', 'tombstones'] as const;

export const SCHEMA = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE sessions (
  session_id TEXT PRIMARY KEY,
  first_timestamp INTEGER NOT NULL,
  last_timestamp INTEGER NOT NULL,
  active INTEGER NOT NULL,
  error_count INTEGER NOT NULL,
  user_id TEXT,
  user_hash TEXT,
  services TEXT NOT NULL, -- each between line feeds
  urls TEXT NOT NULL, -- lower case, one a line
  base TEXT, -- session.json
  summary TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_by_time ON sessions (first_timestamp DESC, session_id DESC);
CREATE INDEX sessions_by_user ON sessions (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX sessions_by_user_hash ON sessions (user_hash) WHERE user_hash IS NOT NULL;
CREATE INDEX sessions_active ON sessions (session_id) WHERE active = 1;
CREATE TABLE blocks (
  session_id TEXT NOT NULL,
  key TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  footer TEXT NOT NULL,
  PRIMARY KEY (session_id, key)
) WITHOUT ROWID;
CREATE TABLE traces (
  trace_id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  gone TEXT, -- why there is no replay any more
  PRIMARY KEY (trace_id, session_id)
) WITHOUT ROWID;
CREATE TABLE tombstones (
  session_id TEXT PRIMARY KEY,
  tombstone TEXT NOT NULL
) WITHOUT ROWID;
`;
