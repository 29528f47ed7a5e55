/** A real redis-server on loopback: no persistence, its own port, ended by its process id. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { describeWith } from '../support/describe-with.js';

export interface RedisServer {
  readonly port: number;
  /** A connection of the test's own, without a key prefix. */
  admin(): Redis;
  /** As a crash would: nothing is told to anybody. */
  kill(): Promise<void>;
  /** Again on the same port, with nothing remembered. */
  restart(): Promise<void>;
  /** Alive but silent, and back. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
}

export interface RedisServerSettings {
  password?: string;
  /** Speaks TLS only, with these PEM files. */
  tls?: { certFile: string; keyFile: string };
}

/** Where `npm run peers` unpacks the Debian package. */
const peer = fileURLToPath(new URL('../../../.cache/redis-server', import.meta.url));

const binary = [...(process.env['PATH'] ?? '').split(delimiter), join(peer, 'usr/bin')]
  .flatMap((path) => ['redis-server', 'valkey-server'].map((name) => join(path, name)))
  .find((path) => existsSync(path));

/** Tests that need Redis: skipped with a loud reason where it is missing, a failure in CI. */
export function describeWithRedis(name: string, tests: () => void): void {
  const missing = 'no redis-server in PATH: run `npm run peers`, or apt-get install redis-server';
  describeWith(binary !== undefined ? undefined : missing, name, tests);
}

export async function startRedisServer(settings: RedisServerSettings = {}): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), 'redis-server-'));
  const port = await freePort();
  const admins: Redis[] = [];
  let child = await launch(port, directory, settings);
  return {
    port,
    admin() {
      const { password } = settings;
      const admin = new Redis({ port, ...(password === undefined ? {} : { password }) });
      admin.on('error', () => undefined);
      admins.push(admin);
      return admin;
    },
    kill: () => end(child, 'SIGKILL'),
    async restart() {
      child = await launch(port, directory, settings);
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async stop() {
      for (const admin of admins) admin.disconnect();
      await end(child, 'SIGKILL');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function launch(
  port: number,
  directory: string,
  { password, tls }: RedisServerSettings,
): Promise<ChildProcess> {
  const child = spawn(
    binary!,
    [
      ...(tls === undefined
        ? ['--port', String(port)]
        : [
            ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'],
            ...['--tls-cert-file', tls.certFile, '--tls-key-file', tls.keyFile],
          ]),
      ...['--bind', '127.0.0.1', '--dir', directory],
      ...['--save', '', '--appendonly', 'no', '--daemonize', 'no'],
      ...(password === undefined ? [] : ['--requirepass', password]),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, LD_LIBRARY_PATH: libraries() } },
  );
  return new Promise((resolve, reject) => {
    let output = '';
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (output.includes('Ready to accept connections')) resolve(child);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`redis-server did not start: ${output}`)));
  });
}

/** The peer's own libraries, for what the system lacks. */
function libraries(): string {
  const folder = join(peer, 'usr/lib');
  if (!existsSync(folder)) return '';
  return readdirSync(folder)
    .map((triplet) => join(folder, triplet))
    .join(delimiter);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  await gone;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
