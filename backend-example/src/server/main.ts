/** Starts the shop and stops it on SIGTERM and SIGINT. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createShop } from './app.js';
import { ConfigError, readConfig } from './config.js';

const DRAIN_MS = 2000;

function main(): void {
  const config = readConfig(process.env);
  const server = createServer(createShop(config));
  server.on('error', (error) => {
    process.stderr.write(`shop: cannot listen on port ${config.port}: ${error.message}\n`);
    process.exitCode = 1;
  });
  server.listen(config.port, config.host, () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`shop: listening on http://${config.host}:${port}\n`);
  });
  const stop = (): void => {
    server.close();
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), DRAIN_MS).unref();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

try {
  main();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`shop: ${error.message}\n`);
  process.exitCode = 1;
}
