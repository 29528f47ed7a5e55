/** A process that hosts what workers share, for the contract suites: they then run over the real pipe. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryHub } from '../../src/coordinate/memory.js';
import { createSqliteIndex } from '../../src/index/sqlite.js';
import { Link, type Wire } from '../../src/workers/link.js';
import { COORDINATOR } from '../../src/workers/remote-coordinator.js';
import { INDEX } from '../../src/workers/remote-index.js';

/** What a test asks of it; names are those of the services that it then finds. */
export interface Host {
  newCoordinators(): Promise<{ a: string; b: string }>;
  newIndex(): Promise<string>;
  advance(ms: number): Promise<void>;
  /** Never answers. */
  hang(): Promise<void>;
  /** Answers with what cannot be sent. */
  symbol(): Promise<symbol>;
  echo(value: unknown): Promise<unknown>;
}

export const HOST: Wire<Host> = {
  newCoordinators: 'call',
  newIndex: 'call',
  advance: 'call',
  hang: 'call',
  symbol: 'call',
  echo: 'call',
};
export const DECISION_TTL_MS = 600_000;
export const HOST_START_TIME = 1_700_000_000_000;

if (process.send !== undefined && process.argv[2] === 'host') serve(new Link(process));

function serve(link: Link): void {
  const directory = mkdtempSync(join(tmpdir(), 'host-'));
  process.on('exit', () => rmSync(directory, { recursive: true }));
  link.onClose(() => process.exit(0));
  let now = HOST_START_TIME;
  let count = 0;
  const host: Host = {
    newCoordinators() {
      const hub = createMemoryHub({ clock: { now: () => now }, decisionTtlMs: DECISION_TTL_MS });
      const n = ++count;
      const names = { a: `coordinator-${n}a`, b: `coordinator-${n}b` };
      for (const name of Object.values(names)) link.serve(name, hub.connect(), COORDINATOR);
      return Promise.resolve(names);
    },
    newIndex() {
      const name = `index-${++count}`;
      const file = join(directory, `${name}.sqlite`);
      link.serve(name, createSqliteIndex({ file, commitIntervalMs: 1 }), INDEX);
      return Promise.resolve(name);
    },
    advance: (ms) => Promise.resolve(void (now += ms)),
    hang: () => new Promise(() => undefined),
    symbol: () => Promise.resolve(Symbol('not to be cloned')),
    echo: (value) => Promise.resolve(value),
  };
  link.serve('host', host, HOST);
}
