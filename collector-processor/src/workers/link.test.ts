/** Over a real pipe to a real process: the contract suites of what it hosts, and what may go wrong. */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ContractError } from '@otel-replay/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DECISION_TTL_MS, HOST, HOST_START_TIME, type Host } from '../../test/workers/host.js';
import { coordinatorContract } from '../coordinate/contract.js';
import { CoordinationConfigError, CoordinationUnavailableError } from '../coordinate/index.js';
import { IndexConfigError, IndexUnavailableError } from '../index/index.js';
import { indexContract } from '../index/contract.js';
import { decodeError, encodeError } from './errors.js';
import { Link, LinkError, type Methods } from './link.js';
import { createRemoteCoordinator } from './remote-coordinator.js';
import { createRemoteIndex } from './remote-index.js';

const HOST_FILE = fileURLToPath(new URL('../../test/workers/host.ts', import.meta.url));

let child: ChildProcess;
let link: Link;
let host: Methods<Host>;
function startHost(): void {
  child = fork(HOST_FILE, ['host'], {
    serialization: 'advanced',
    execArgv: ['--import', import.meta.resolve('tsx'), '--conditions=otel-replay-source'],
  });
  link = new Link(child);
  host = link.remote<Host>('host', HOST);
}
async function stopHost(): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

describe('what a process hosts for others', () => {
  beforeAll(startHost);
  afterAll(stopHost);

  coordinatorContract('memory in another process', async () => {
    const names = await host.newCoordinators();
    let now = HOST_START_TIME;
    return {
      a: createRemoteCoordinator(link, names.a),
      b: createRemoteCoordinator(link, names.b),
      advance: async (ms) => {
        now += ms;
        await host.advance(ms);
      },
      decisionTtlMs: DECISION_TTL_MS,
      traceTtlMs: 120_000,
      now: () => now,
    };
  });

  indexContract('sqlite in another process', async () =>
    createRemoteIndex(link, await host.newIndex()),
  );

  it('stops a rebuild that the other process gives up', async () => {
    const index = createRemoteIndex(link, await host.newIndex());
    await index.start();
    const giveUp = new AbortController();
    const reason = new Error('given up');
    const rebuild = index.rebuild(
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(reason));
          giveUp.abort();
        }),
      { signal: giveUp.signal },
    );
    await expect(rebuild).rejects.toThrow('given up');
    await index.stop();
  });
});

describe('a link', () => {
  beforeEach(startHost);
  afterEach(stopHost);

  it('rejects what is under way and all that comes after when the other process dies', async () => {
    const { a } = await host.newCoordinators();
    const coordinator = createRemoteCoordinator(link, a);
    await coordinator.start();
    expect(coordinator.isAvailable).toBe(true);
    const closed = new Promise<void>((resolve) => link.onClose(resolve));
    const hanging = host.hang();
    child.kill('SIGKILL');
    await expect(hanging).rejects.toThrow(new LinkError('host.hang: the other process is gone'));
    await closed;
    expect(coordinator.isAvailable).toBe(false);
    await expect(coordinator.decisions(['s'])).rejects.toThrow(CoordinationUnavailableError);
  });

  it('gives up waiting for an answer', async () => {
    await host.advance(0);
    const impatient = link.remote<Host>('host', HOST, { timeoutMs: 1 });
    await expect(impatient.hang()).rejects.toThrow('host.hang: the other process did not answer');
  });

  it('survives what cannot be sent, in either direction, and sends the rest', async () => {
    const [before, there, back, after] = await Promise.allSettled([
      host.echo(new Map([['bytes', new Uint8Array([1, 2])]])),
      host.echo(Symbol('not to be cloned')),
      host.symbol(),
      host.echo(undefined),
    ]);
    expect(before).toEqual({
      status: 'fulfilled',
      value: new Map([['bytes', new Uint8Array([1, 2])]]),
    });
    expect(there).toMatchObject({
      reason: { message: 'Symbol(not to be cloned) could not be cloned.' },
    });
    expect(back).toMatchObject({
      reason: { message: 'Symbol(not to be cloned) could not be cloned.' },
    });
    expect(after).toEqual({ status: 'fulfilled', value: undefined });
  });

  it('says what the other process does not serve', async () => {
    const other = link.remote<Host>('guest', HOST);
    await expect(other.advance(1)).rejects.toThrow('there is no guest.advance here');
  });
});

describe('an error', () => {
  it.each([
    new CoordinationUnavailableError('away'),
    new CoordinationConfigError('wrong password'),
    new IndexUnavailableError('away'),
    new IndexConfigError('no such database'),
    new ContractError('invalid', 'cursor', 'is not one'),
  ])('$name keeps its class and all that it says', (error) => {
    const arrived = decodeError(structuredClone(encodeError(error)));
    expect(arrived).toBeInstanceOf(error.constructor);
    expect({ ...arrived, message: arrived.message }).toEqual({ ...error, message: error.message });
  });

  it('that nobody knows keeps name, message and stack', () => {
    const error = Object.assign(new Error('disk is full'), { name: 'SQLite3Error' });
    const arrived = decodeError(structuredClone(encodeError(error)));
    expect([arrived.name, arrived.message, arrived.stack]).toEqual([
      ...['SQLite3Error', 'disk is full', error.stack],
    ]);
    expect(decodeError(encodeError('just words')).message).toBe('just words');
  });
});
