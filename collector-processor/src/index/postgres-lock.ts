/** Work that one instance does while the others wait: an advisory lock on a connection of its own. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PoolClient } from 'pg';
import { IndexUnavailableError } from './index.js';
import type { PostgresConnection } from './postgres-connection.js';

export interface ExclusiveOptions {
  /** Asked again and again while another instance works: it may do it for us. */
  isNeeded: () => Promise<boolean>;
  /** Gives up. */
  signal: AbortSignal | undefined;
}

const ASK_AGAIN_MS = 500;

/**
 * Resolves when the work is done or not needed any more. The signal given to `work` is aborted when
 * the lock is lost with its connection: then another instance may have begun.
 */
export async function exclusively(
  db: PostgresConnection,
  name: string,
  { isNeeded, signal }: ExclusiveOptions,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const client = await db.reserve();
  const lost = new AbortController();
  const onLost = (): void =>
    lost.abort(new IndexUnavailableError('the connection that held the lock is lost'));
  client.once('end', onLost);
  let isLocked = false;
  try {
    while (await isNeeded()) {
      isLocked = await tryLock(client, name);
      if (isLocked) break;
      await sleep(ASK_AGAIN_MS, undefined, { signal });
    }
    // The one before us may have finished between our question and its end.
    if (!isLocked || !(await isNeeded())) return;
    await work(signal === undefined ? lost.signal : AbortSignal.any([lost.signal, signal]));
  } finally {
    client.removeListener('end', onLost);
    // The lock goes with the connection.
    client.release(isLocked);
  }
}

async function tryLock(client: PoolClient, name: string): Promise<boolean> {
  const sql = 'SELECT pg_try_advisory_lock(hashtextextended($1, 2)) AS locked';
  try {
    const { rows } = await client.query<{ locked: boolean }>(sql, [`session_replay ${name}`]);
    return rows[0]?.locked === true;
  } catch (error) {
    throw new IndexUnavailableError(`the lock for the ${name} cannot be asked for`, {
      cause: error,
    });
  }
}
