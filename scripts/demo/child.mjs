// A process of the demo: its output goes to a file, its last lines are kept for when it dies.
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';

const KEPT_LINES = 20;

export class Child {
  #process;
  #lines = [];
  #exit;

  /** @param {{ name: string, args: string[], cwd: string, env: object, logFile: string }} options */
  constructor({ name, args, cwd, env, logFile }) {
    this.name = name;
    this.logFile = logFile;
    // In a group of its own: Ctrl-C reaches the demo alone, which stops its children in order.
    this.#process = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const log = createWriteStream(logFile);
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.on('data', (chunk) => {
        log.write(chunk);
        this.#keep(chunk.toString());
      });
    }
    this.#exit = new Promise((resolve) => {
      this.#process.once('error', (error) => resolve(error.message));
      this.#process.once('close', (code, signal) => {
        log.end();
        resolve(signal === null ? `exit code ${code}` : signal);
      });
    });
  }

  /** Resolves with how it ended: `exit code 1`, `SIGKILL`, or why it could not be started. */
  get exit() {
    return this.#exit;
  }

  get lastLines() {
    return this.#lines.filter((line) => line !== '');
  }

  /** Asks it to stop; after `graceMs` it is killed. Resolves when it is gone. */
  async stop(graceMs) {
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.kill(), graceMs);
    const how = await this.#exit;
    clearTimeout(timer);
    return how;
  }

  kill() {
    this.#process.kill('SIGKILL');
  }

  #keep(text) {
    const [first, ...rest] = text.split('\n');
    const last = this.#lines.pop() ?? '';
    this.#lines.push(last + first, ...rest);
    this.#lines = this.#lines.slice(-KEPT_LINES);
  }
}
