/** Listening and closing, the same for every server of the process. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that could not listen; the message names endpoint, configuration key and fix. */
export class ListenError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'ListenError';
  }
}

export interface ListenOptions {
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** Where the user set it, for the error message: `extensions.replay_api.endpoint`. */
  configKey: string;
}

/** Resolves to the port once connections are accepted. Throws {@link ListenError}. */
export async function listen(server: Server, options: ListenOptions): Promise<number> {
  const { port, configKey } = options;
  // One address, whatever the resolver makes of the name, so that a second process is noticed.
  const host = options.host === 'localhost' ? '127.0.0.1' : options.host;
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      reject(new ListenError(explain(error, host, port, configKey), error));
    };
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

function explain(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
  configKey: string,
): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is taken by another process; stop that one, or set ${configKey} to another port`;
    case 'EACCES':
      return `port ${port} on ${host} needs privileges this process does not have; set ${configKey} to a port above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `"${host}" is no address of this machine; set ${configKey} to localhost:${port} or 0.0.0.0:${port}`;
    default:
      return `cannot listen on ${host}:${port} (${configKey}): ${error.message}`;
  }
}

/** Stops listening, lets requests under way finish, and cuts what is left after `deadlineMs`. */
export async function close(server: Server, deadlineMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), deadlineMs);
  await closed;
  clearTimeout(timer);
}
