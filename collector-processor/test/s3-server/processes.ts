/** Runs the programs of an unpacked peer. What stays running dies with this process. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';

export interface Programs {
  /** Runs to its end. Throws with what the program wrote. */
  run: (name: string, ...args: string[]) => Promise<string>;
  launch: (name: string, ...args: string[]) => Daemon;
}

export interface Daemon {
  /** Undefined while it runs; else how it ended and what it wrote last. */
  readonly ended: string | undefined;
  kill(): Promise<void>;
}

/** What is kept of a daemon's output for the message when it ends. */
const KEPT_OUTPUT = 4000;

export function programs(env: Readonly<Record<string, string>>): Programs {
  const options = { env: { ...process.env, ...env } };
  return {
    run: (name, ...args) =>
      new Promise((resolve, reject) => {
        execFile(name, args, options, (error, stdout, stderr) => {
          if (error === null) resolve(stdout);
          else reject(new Error(`${name} ${args.join(' ')} failed:\n${stderr}${stdout}`));
        });
      }),
    // Killed runs of the tests must not leave servers behind.
    launch: (name, ...args) =>
      watch(
        name,
        spawn('setpriv', ['--pdeathsig', 'KILL', name, ...args], { ...options, stdio: 'pipe' }),
      ),
  };
}

function watch(name: string, child: ChildProcess): Daemon {
  let output = '';
  let ended: string | undefined;
  const read = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  const gone = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      ended = `${name} could not be started: ${error.message}`;
      resolve();
    });
    child.once('close', (code, signal) => {
      ended = `${name} ended (${signal ?? code}):\n${output}`;
      resolve();
    });
  });
  return {
    get ended() {
      return ended;
    },
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** Ports nobody listens on at this moment. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
