/**
 * A connection that is on its way to a worker when that dies: Node's cluster module keeps it and
 * waits for ever for the worker to say that it took it, so the client would hang. Here the module
 * is told that the worker did not take it, and gives it to another.
 */
import type { ChildProcess } from 'node:child_process';

/** What the module sends with a connection, and what it is answered (`lib/internal/cluster`). */
interface ClusterMessage {
  cmd?: unknown;
  act?: unknown;
  seq?: unknown;
  ack?: unknown;
}

const CLUSTER = 'NODE_CLUSTER';

/** @param hasOthers whether another worker takes connections; else they are closed */
export function redeliver(worker: ChildProcess, hasOthers: () => boolean): void {
  const underWay = new Map<unknown, { close(): void }>();
  const send = worker.send.bind(worker) as (...args: unknown[]) => boolean;
  worker.send = (...args: unknown[]): boolean => {
    const [message, connection] = args as [ClusterMessage, { close(): void } | undefined];
    if (message.cmd === CLUSTER && message.act === 'newconn' && connection !== undefined) {
      underWay.set(message.seq, connection);
    }
    return send(...args);
  };
  const emitter: NodeJS.EventEmitter = worker;
  emitter.on('internalMessage', (message: ClusterMessage) => {
    if (message.cmd === CLUSTER) underWay.delete(message.ack);
  });
  emitter.once('exit', () => {
    for (const [ack, connection] of [...underWay]) {
      if (hasOthers()) emitter.emit('internalMessage', { cmd: CLUSTER, ack, accepted: false });
      else connection.close();
    }
    underWay.clear();
  });
}
