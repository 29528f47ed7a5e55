/** Tells recorders in browsers how to behave: a plain GET, so that browsers ask without a preflight. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { RECORDER_CONFIG_PATH, type RecorderConfig } from '@otel-replay/protocol';
import type { Cors } from './cors.js';

export interface RecorderConfigOptions {
  /** What a page of this `service.name` is told; empty when it does not say. */
  of: (service: string) => RecorderConfig;
  /** How long it may go by that, in milliseconds. */
  maxAgeMs: number;
}

/** False: the request is for something else. */
export function answerRecorderConfig(
  request: IncomingMessage,
  response: ServerResponse,
  cors: Cors,
  { of, maxAgeMs }: RecorderConfigOptions,
): boolean {
  const [path, query] = (request.url ?? '/').split('?', 2);
  if (path !== RECORDER_CONFIG_PATH) return false;
  cors.decorate(request, response);
  request.resume();
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { Allow: 'GET, HEAD', 'Content-Type': 'text/plain; charset=utf-8' });
    response.end(`${request.method} is not allowed; send GET\n`);
    return true;
  }
  const service = new URLSearchParams(query ?? '').get('service') ?? '';
  const body = Buffer.from(JSON.stringify(of(service)));
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    'Cache-Control': `public, max-age=${Math.floor(maxAgeMs / 1000)}`,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
  return true;
}
