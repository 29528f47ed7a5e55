/** The `health_check` extension: 200 when every component runs, 503 while starting or stopping. */
import { createServer } from 'node:http';
import { close, listen } from '../listen.js';
import type { Health } from './health.js';

export interface HealthServerOptions {
  health: Health;
  host: string;
  /** 0 takes any free one. */
  port: number;
  /** Starts with `/`. */
  path: string;
}

export interface HealthServer {
  /** Resolves to the port. Throws {@link ListenError}. */
  start(): Promise<number>;
  stop(deadlineMs: number): Promise<void>;
}

export function createHealthServer(options: HealthServerOptions): HealthServer {
  const { health, host, port, path } = options;
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] !== path) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end(`Health is at ${path}\n`);
      return;
    }
    const { components, ready, status } = health;
    const body = {
      status: ready ? 'Server available' : 'Server not available',
      health: status,
      components,
    };
    response
      .writeHead(ready ? 200 : 503, {
        'Content-Type': 'application/json',
        'Cache-Control': 'no-cache',
      })
      .end(JSON.stringify(body));
  });
  return {
    start: () => listen(server, { host, port, configKey: 'extensions.health_check.endpoint' }),
    stop: (deadlineMs) => close(server, deadlineMs),
  };
}
