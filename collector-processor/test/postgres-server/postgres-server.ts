/** A real PostgreSQL on loopback: its own port and data, ended by its process id. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { freePorts, programs, type Daemon, type Programs } from '../s3-server/processes.js';
import { describeWith } from '../support/describe-with.js';

export interface PostgresServer {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** As configurations name it. */
  readonly url: string;
  /** As the owner of everything. */
  query(sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** A connection of the test's own; ended with the server. */
  client(): Promise<Client>;
  /** As a crash would; what was committed is kept. */
  kill(): Promise<void>;
  /** Again on the same port, with the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface PostgresServerSettings {
  /** Speaks TLS as well, with these PEM files; `only` refuses what is not encrypted. */
  tls?: { cert: string; key: string; only: boolean };
}

/** Where `npm run peers` unpacks the Debian packages. */
const PEER = fileURLToPath(new URL('../../../.cache/postgres', import.meta.url));
/** The server refuses to run as root. */
const NOBODY = 65534;
const AS_NOBODY = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
const USER = 'replay';
const PASSWORD = 'sesame ö/@:%';
const READY_ATTEMPTS = 1200;
const READY_INTERVAL_MS = 50;

/** The folder of `initdb` and `postgres`, which Debian keeps out of PATH. */
const folder = [
  ...inPath(),
  ...versionsIn('/usr/lib/postgresql'),
  ...versionsIn(peerFolder()),
].find((path) => existsSync(join(path, 'initdb')) && existsSync(join(path, 'postgres')));

/** Tests that need PostgreSQL: skipped with a loud reason where it is missing, a failure in CI. */
export function describeWithPostgres(name: string, tests: () => void): void {
  const missing = 'no PostgreSQL server: run `npm run peers`, or apt-get install postgresql';
  describeWith(folder !== undefined ? undefined : missing, name, tests);
}

export async function startPostgresServer(
  settings: PostgresServerSettings = {},
): Promise<PostgresServer> {
  const directory = await mkdtemp(join(tmpdir(), 'postgres-server-'));
  const [port = 0] = await freePorts(1);
  const postgres = programs({ LC_ALL: 'C', LD_LIBRARY_PATH: libraries(), TZ: 'UTC' });
  const options = ['-D', join(directory, 'data'), ...serverOptions(port)];
  let daemon: Daemon | undefined;
  const kill = async (): Promise<void> => daemon?.kill();
  const stop = async (): Promise<void> => {
    await kill();
    await removeLater(directory);
  };
  try {
    await initialize(postgres, directory, settings);
    if (settings.tls !== undefined) options.push('-c', 'ssl=on');
    const client = async (): Promise<Client> => {
      const ssl = settings.tls === undefined ? {} : { ssl: { rejectUnauthorized: false } };
      const own = new Client({ ...connection(port), ...ssl });
      own.on('error', () => undefined);
      await own.connect();
      return own;
    };
    const query = async (sql: string, values: unknown[] = []) => {
      const own = await client();
      try {
        return (await own.query<Record<string, unknown>>(sql, values)).rows;
      } finally {
        await own.end().catch(() => undefined);
      }
    };
    const launch = async (): Promise<void> => {
      daemon = await launched(postgres, options, () => query('SELECT 1'));
    };
    await launch();
    const { password, user, database } = connection(port);
    const login = `${user}:${encodeURIComponent(password)}`;
    const url = `postgres://${login}@127.0.0.1:${port}/${database}`;
    return { port, user, password, database, url, query, client, kill, restart: launch, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function connection(port: number) {
  return { host: '127.0.0.1', port, user: USER, password: PASSWORD, database: 'postgres' };
}

/** Small and careless: what a test writes need not survive the machine. */
function serverOptions(port: number): string[] {
  const settings = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    shared_buffers: '16MB',
    max_wal_size: '64MB',
    max_connections: '60',
    autovacuum: 'off',
    jit: 'off',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function initialize(
  postgres: Programs,
  directory: string,
  { tls }: PostgresServerSettings,
): Promise<void> {
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, `${PASSWORD}\n`);
  if (isRoot()) {
    await chown(passwordFile, NOBODY, NOBODY);
    await chown(directory, NOBODY, NOBODY);
  }
  const data = join(directory, 'data');
  const access = ['-U', USER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const [program = '', ...before] = commandOf('initdb');
  await postgres.run(program, ...before, '-D', data, ...access, '-E', 'UTF8', '--no-sync');
  if (tls === undefined) return;
  for (const [name, content] of [
    ['server.crt', tls.cert],
    ['server.key', tls.key],
  ] as const) {
    const file = join(data, name);
    await writeFile(file, content);
    await chmod(file, 0o600);
    if (isRoot()) await chown(file, NOBODY, NOBODY);
  }
  if (tls.only) {
    await writeFile(join(data, 'pg_hba.conf'), 'hostssl all all all scram-sha-256\n');
  }
}

/** After a crash the last children may hold the memory for a moment: then it is tried again. */
async function launched(
  postgres: Programs,
  options: readonly string[],
  answers: () => Promise<unknown>,
): Promise<Daemon> {
  const [program = '', ...before] = commandOf('postgres');
  const launch = (): Daemon => postgres.launch(program, ...before, ...options);
  let daemon = launch();
  let lastError: unknown;
  for (let attempt = 0; attempt < READY_ATTEMPTS; attempt++) {
    if (daemon.ended !== undefined) {
      if (!/still in use|already exists|being used by/.test(daemon.ended)) {
        throw new Error(daemon.ended);
      }
      await sleep(READY_INTERVAL_MS);
      daemon = launch();
    }
    try {
      await answers();
      return daemon;
    } catch (error) {
      lastError = error;
      await sleep(READY_INTERVAL_MS);
    }
  }
  await daemon.kill();
  throw new Error('PostgreSQL did not answer in time', { cause: lastError });
}

/** With its arguments so far. What stays running dies with this process. */
function commandOf(name: 'initdb' | 'postgres'): string[] {
  const path = join(folder!, name);
  return isRoot() ? ['setpriv', ...AS_NOBODY, '--pdeathsig', 'KILL', path] : [path];
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The server's children may still write their last. */
async function removeLater(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}

function inPath(): string[] {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((path) => join(path, 'postgres'))
    .filter((path) => existsSync(path))
    .map((path) => dirname(realpathSync(path)));
}

function peerFolder(): string {
  return join(PEER, 'usr/lib/postgresql');
}

function versionsIn(parent: string): string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent).map((version) => join(parent, version, 'bin'));
}

/** The peer's own libraries, for what the system lacks. */
function libraries(): string {
  return ['usr/lib', 'lib']
    .map((name) => join(PEER, name))
    .filter((path) => existsSync(path))
    .flatMap((path) => readdirSync(path).map((name) => join(path, name)))
    .join(delimiter);
}
