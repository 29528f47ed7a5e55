/** Two processors that share Redis, PostgreSQL and a directory, behind load balancers; and the shop. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgresServer } from '../../collector-processor/test/postgres-server/postgres-server.js';
import { startRedisServer } from '../../collector-processor/test/redis-server/redis-server.js';
import {
  startProcessor,
  type Processor,
} from '../../collector-processor/test/support/processor.js';
import { ensureBuilt } from './build.js';
import { freePorts } from './process.js';
import { LoadBalancer } from './load-balancer.js';
import { startShop } from './shop.js';

const INSTANCES = [0, 1] as const;

export interface Fleet {
  processors: Processor[];
  /** Of all instances: each request goes to the next one. */
  otlp: LoadBalancer;
  api: LoadBalancer;
  shopUrl: string;
  stop(): Promise<void>;
}

export interface FleetOptions {
  /** As configurations say it: `60s`. */
  sessionIdleTimeout: string;
}

export async function startFleet({ sessionIdleTimeout }: FleetOptions): Promise<Fleet> {
  await ensureBuilt();
  const directory = await mkdtemp(join(tmpdir(), 'otel-replay-fleet-'));
  const stops: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const redis = await startRedisServer();
    stops.push(() => redis.stop());
    const postgres = await startPostgresServer();
    stops.push(() => postgres.stop());
    const config = `
receivers:
  otlp: { protocols: { http: { cors: { allowed_origins: ['http://127.0.0.1:*'] } } } }
processors:
  session_replay:
    session_idle_timeout: ${sessionIdleTimeout}
    coordination: { redis: { endpoint: 'localhost:${redis.port}' } }
exporters:
  replay_store:
    filesystem: { directory: '${join(directory, 'store')}' }
    index: { postgres: { url: '${postgres.url}' } }
`;
    const processors: Processor[] = [];
    for (const i of INSTANCES) {
      const own = join(directory, String(i));
      await mkdir(own);
      const processor = await startProcessor({ directory: own, config, built: true });
      stops.push(async () => {
        processor.kill('SIGKILL');
        await processor.exited;
      });
      processors.push(processor);
    }
    const balance = async (server: 'otlp' | 'replay_api'): Promise<LoadBalancer> => {
      const balancer = new LoadBalancer(await Promise.all(processors.map((p) => p.url(server))));
      await balancer.start();
      stops.push(() => balancer.stop());
      return balancer;
    };
    const [otlp, api] = [await balance('otlp'), await balance('replay_api')];
    const [port = 0] = await freePorts(1);
    const shop = await startShop({
      ...{ port, otlpUrl: otlp.url, browserOtlpUrl: otlp.url, viewerUrl: api.url },
    });
    stops.push(() => shop.stop());
    return { processors, otlp, api, shopUrl: `http://127.0.0.1:${port}`, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
