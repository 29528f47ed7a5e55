import { afterEach, describe, expect, it } from 'vitest';
import { createHealthServer } from './health-server.js';
import { Health, type Trouble } from './health.js';

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** Of a server on a free port; the status and the body of an answer. */
async function serve(health: Health): Promise<() => Promise<{ code: number; body: unknown }>> {
  const server = createHealthServer({ health, host: 'localhost', port: 0, path: '/' });
  const port = await server.start();
  stops.push(() => server.stop(0));
  return async () => {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    return { code: response.status, body: await response.json() };
  };
}

describe('health', () => {
  it('is 200 only while every component runs', async () => {
    let time = Date.parse('2026-01-01T00:00:00Z');
    const health = new Health({ now: () => time });
    const ask = await serve(health);
    expect((await ask()).code).toBe(503);
    health.set('receivers.otlp', 'ok');
    health.set('pipeline', 'starting');
    expect((await ask()).code).toBe(503);
    health.set('pipeline', 'ok');
    expect((await ask()).code).toBe(200);
    time += 60_000;
    health.set('receivers.otlp', 'stopping');
    expect(await ask()).toEqual({
      code: 503,
      body: {
        status: 'Server not available',
        health: 'StatusStopping',
        components: {
          'receivers.otlp': {
            status: 'StatusStopping',
            status_time: '2026-01-01T00:01:00.000Z',
          },
          pipeline: { status: 'StatusOK', status_time: '2026-01-01T00:00:00.000Z' },
        },
      },
    });
  });

  it('says the worst of its troubles, for whoever watches several processes', () => {
    const health = new Health();
    expect(health.trouble).toBeUndefined();
    health.watch('queue', () => ({ recoverable: true, error: 'away' }));
    expect(health.trouble).toEqual({ recoverable: true, error: 'queue: away' });
    health.watch('store', () => ({ recoverable: false, error: 'forbidden' }));
    expect(health.trouble).toEqual({ recoverable: false, error: 'store: forbidden' });
    health.set('store', 'stopping');
    expect(health.trouble).toEqual({ recoverable: true, error: 'queue: away' });
  });

  it('stays 200 in trouble, says which, how bad and since when', async () => {
    let time = 0;
    let trouble: Trouble | undefined;
    const health = new Health({ now: () => time });
    const ask = await serve(health);
    health.watch('store', () => trouble);
    health.set('store', 'starting');
    trouble = { recoverable: true, error: 'not there yet' };
    expect(health.components['store']?.status).toBe('StatusStarting');
    trouble = undefined;
    health.set('store', 'ok');
    expect(await ask()).toMatchObject({ code: 200, body: { health: 'StatusOK' } });
    time = 1000;
    trouble = { recoverable: true, error: 'it cannot be reached' };
    const since = new Date(1000).toISOString();
    expect(health.components['store']?.status_time).toBe(since);
    time = 5000;
    expect(await ask()).toEqual({
      code: 200,
      body: {
        status: 'Server available',
        health: 'StatusRecoverableError',
        components: {
          store: {
            status: 'StatusRecoverableError',
            error: 'it cannot be reached',
            status_time: since,
          },
        },
      },
    });
    trouble = { recoverable: false, error: '403' };
    expect(await ask()).toMatchObject({ code: 200, body: { health: 'StatusPermanentError' } });
    trouble = undefined;
    expect(await ask()).toMatchObject({ code: 200, body: { health: 'StatusOK' } });
  });

  it('names port, key and fix when the port is taken', async () => {
    const options = { health: new Health(), host: 'localhost', path: '/' };
    const first = createHealthServer({ ...options, port: 0 });
    const port = await first.start();
    stops.push(() => first.stop(0));
    const second = createHealthServer({ ...options, port });
    await expect(second.start()).rejects.toThrow(
      `port ${port} on 127.0.0.1 is taken by another process; stop that one, or set extensions.health_check.endpoint to another port`,
    );
  });
});
