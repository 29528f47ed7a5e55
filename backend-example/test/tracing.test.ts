/** The shop as it is started for real: what it exports, and that nothing is lost when it stops. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

let receiver: Server;
let shop: ChildProcess;
let origin = '';
const bodies: Buffer[] = [];

beforeAll(async () => {
  receiver = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      bodies.push(Buffer.concat(chunks));
      res.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address() as AddressInfo;
  shop = spawn(
    process.execPath,
    ['--import', 'tsx', '--import', './src/server/tracing.ts', 'src/server/main.ts'],
    {
      cwd: ROOT,
      env: {
        ...process.env,
        PORT: '0',
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
        // Long enough that only the flush at the end can deliver.
        OTEL_BSP_SCHEDULE_DELAY: '600000',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  origin = await new Promise<string>((resolve, reject) => {
    let said = '';
    const read = (chunk: Buffer): void => {
      said += chunk.toString();
      const found = /listening on (http:\S+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    };
    shop.stdout?.on('data', read);
    shop.stderr?.on('data', read);
    shop.once('exit', (code) => reject(new Error(`the shop ended with ${code}: ${said}`)));
  });
});

afterAll(() => {
  shop.kill('SIGKILL');
  receiver.closeAllConnections();
  receiver.close();
});

it('announces its trace, records the exception, and flushes on SIGTERM', async () => {
  const home = await fetch(origin);
  const parent = /traceparent;desc="00-([0-9a-f]{32})-([0-9a-f]{16})-01"/;
  expect(home.headers.get('server-timing')).toMatch(parent);
  const cookie = home.headers.get('set-cookie')?.split(';')[0] ?? '';
  const headers = {
    cookie,
    'content-type': 'application/json',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  };
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(`${origin}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  await post('/api/cart/items', { slug: 'gift-card' });
  const failed = await post('/api/checkout', {
    name: 'Canary Fieldmouse',
    email: 'canary@example.org',
    address: 'Canary Lane 1',
    card: '4000123412341234',
    expiry: '08/29',
    cvc: '987',
  });
  expect(failed.status).toBe(500);
  expect(failed.headers.get('server-timing')).toContain('session-replay;desc="keep"');
  expect(failed.headers.get('traceresponse')).toContain('0af7651916cd43dd8448eb211c80319c');

  const missing = await fetch(`${origin}/nothing`, { headers: { accept: 'text/html' } });
  expect(missing.headers.get('server-timing')).not.toContain('session-replay');
  const announced = parent.exec(missing.headers.get('server-timing') ?? '')?.[1] ?? 'none';
  expect(await missing.text()).toContain(`/traces/${announced}`);

  expect(bodies).toHaveLength(0);
  shop.kill('SIGTERM');
  const [code] = (await once(shop, 'exit')) as [number | null];
  expect(code).toBe(0);
  const exported = Buffer.concat(bodies);
  expect(exported.includes(Buffer.from('0af7651916cd43dd8448eb211c80319c', 'hex'))).toBe(true);
  for (const text of ['shop-backend', 'exception.stacktrace', 'TypeError', 'price order']) {
    expect(exported.includes(text), text).toBe(true);
  }
  for (const secret of ['Canary', 'canary@example.org', '4000123412341234']) {
    expect(exported.includes(secret), secret).toBe(false);
  }
});
