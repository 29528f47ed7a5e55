/** Real processes with a real Redis: what a person sees who runs several. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  describeWithRedis,
  startRedisServer,
  type RedisServer,
} from './redis-server/redis-server.js';
import { createHarness } from './support/harness.js';
import { startProcessor } from './support/processor.js';

const harness = createHarness();
const UP = 'otelcol_processor_session_replay_coordination_up';
const WAIT = { timeout: 20_000, interval: 50 };

const config = (server: RedisServer, password: string): string =>
  `processors: { session_replay: { coordination: { redis: { endpoint: 'localhost:${server.port}', password: '${password}' } } } }`;

describeWithRedis('a process with coordination', () => {
  let server: RedisServer;
  beforeEach(async () => {
    server = await startRedisServer({ password: 'open sesame' });
  });
  afterEach(() => server.stop());

  it('does not start with a wrong password, and says which key to look at', async () => {
    const start = startProcessor({
      directory: await harness.directory(),
      config: config(server, 'not a number'),
    });
    const error: unknown = await start.catch((e: unknown) => e);
    expect(String(error)).toMatch(
      /Redis at localhost:\d+ refused us: WRONGPASS.*coordination\.redis/,
    );
    expect(String(error)).not.toContain('    at ');
    expect(String(error)).not.toContain('not a number');
  });

  it('starts while Redis is away, takes requests, and joins when it comes', async () => {
    await server.kill();
    const processor = await harness.start({
      directory: await harness.directory(),
      config: config(server, 'open sesame'),
    });
    expect((await fetch(await processor.url('health_check'))).status).toBe(200);
    expect(await processor.metric(UP)).toBe(0);
    await server.restart();
    await vi.waitFor(async () => expect(await processor.metric(UP)).toBe(2), WAIT);
    await server.kill();
    await vi.waitFor(async () => expect(await processor.metric(UP)).toBe(0), WAIT);
    expect((await processor.stop()).code).toBe(0);
  });

  // The certificate is made here: one in the repository would expire.
  it.skipIf(!existsSync('/usr/bin/openssl'))(
    'speaks TLS, and trusts only whom it is told to',
    async () => {
      const directory = await harness.directory();
      const [keyFile, certFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
      execFileSync(
        '/usr/bin/openssl',
        [
          ...[
            'req',
            '-x509',
            '-newkey',
            'ec',
            '-pkeyopt',
            'ec_paramgen_curve:prime256v1',
            '-nodes',
          ],
          ...['-keyout', keyFile, '-out', certFile, '-days', '2', '-subj', '/CN=localhost'],
          ...['-addext', 'subjectAltName=DNS:localhost'],
        ],
        { stdio: 'ignore' },
      );
      const encrypted = await startRedisServer({ tls: { certFile, keyFile } });
      harness.onEnd(() => encrypted.stop());
      const redis = (tls: string): string =>
        `processors: { session_replay: { coordination: { redis: { endpoint: 'localhost:${encrypted.port}', tls: ${tls} } } } }`;
      const trusting = await harness.start({
        directory,
        config: redis(`{ insecure: false, ca_file: '${certFile}' }`),
      });
      expect(await trusting.metric(UP)).toBe(2);
      const strict = await harness.start({
        directory: await harness.directory(),
        config: redis('{ insecure: false }'),
      });
      expect(strict.log).toMatch(/Redis is away.*self-signed certificate/);
      expect(await strict.metric(UP)).toBe(0);
    },
  );
});
