import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createApiWorld, ENCODED, SESSION, statusOf, TRACE } from '../../test/support/api.js';

const world = createApiWorld();
const LIST = '/api/v1/sessions';

describe('access', () => {
  it('needs no token on loopback, and says so', async () => {
    await world.start();
    expect(world.log.join('')).toContain('needs no token');
  });

  it('does not start beyond loopback without a token', async () => {
    await expect(world.start({ host: '0.0.0.0' })).rejects.toThrow(
      'set extensions.replay_api.auth.bearer_token',
    );
  });

  it('asks for the token, for all of the API but not for the page', async () => {
    await writeFile(join(world.directory, 'index.html'), '<!doctype html>page');
    const base = await world.start({ bearerToken: 's3cret' });
    const status = async (path: string, authorization?: string): Promise<number> =>
      (await fetch(base + path, authorization === undefined ? {} : { headers: { authorization } }))
        .status;
    expect(await status('/api/v1/sessions')).toBe(401);
    expect(await status('/api/v1/sessions', 'Bearer wrong')).toBe(401);
    expect(await status('/api/v1/nothing')).toBe(401);
    expect(await status('/api/v1/info')).toBe(401);
    expect(await status('/api/v1/sessions', 'Bearer s3cret')).toBe(200);
    expect(await status('/')).toBe(200);
    const refused = world.log.filter((line) => line.includes('replay access refused'));
    expect(refused).toHaveLength(4);
    expect(world.log.join('')).not.toContain('s3cret');
  });

  it('does not answer a rebound DNS name', async () => {
    const base = await world.start();
    expect(await statusOf(base, LIST, { headers: { host: 'evil.example' } })).toBe(403);
    expect(await statusOf(base, LIST, { headers: { host: 'localhost:8787' } })).toBe(200);
    const guarded = await world.start({ bearerToken: 's3cret' });
    expect(
      await statusOf(guarded, LIST, {
        headers: { host: 'replay.example.com', authorization: 'Bearer s3cret' },
      }),
    ).toBe(200);
  });

  it('lets pages of allowed origins in, and no others', async () => {
    const base = await world.start();
    const url = `${base}/api/v1/sessions/${ENCODED}`;
    const preflight = async (origin: string): Promise<Response> =>
      fetch(url, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'DELETE' },
      });
    const good = await preflight('https://grafana.example.com');
    expect(good.status).toBe(204);
    expect(good.headers.get('access-control-allow-origin')).toBe('https://grafana.example.com');
    expect(good.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(good.headers.get('access-control-max-age')).toBe('600');
    for (const origin of [
      'https://evil.com',
      'https://example.com.evil.com',
      'http://a.example.com',
      'null',
    ]) {
      const bad = await preflight(origin);
      expect([bad.status, bad.headers.get('access-control-allow-origin')], origin).toEqual([
        403,
        null,
      ]);
      expect((await fetch(url, { method: 'DELETE', headers: { origin } })).status).toBe(403);
    }
    expect(world.deleted).toEqual([]);
    const same = await fetch(url, { method: 'DELETE', headers: { origin: base } });
    expect(same.status).toBe(200);
  });

  it('writes a line for each access: who, what, how it ended', async () => {
    const base = await world.start({ bearerToken: 's3cret' });
    const headers = { authorization: 'Bearer s3cret' };
    await fetch(`${base}/api/v1/traces/${TRACE}`, { headers });
    await fetch(`${base}/api/v1/sessions?user=ada`, { method: 'DELETE', headers });
    const lines = world.log
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => line['audit'] === true);
    expect(lines).toMatchObject([
      {
        who: 'token:1ec1c26b',
        action: 'read',
        resource: `/api/v1/traces/${TRACE}`,
        status: 200,
        'session.ids': [SESSION],
      },
      {
        who: 'token:1ec1c26b',
        action: 'delete',
        resource: '/api/v1/sessions',
        parameters: 'user',
        status: 200,
        deleted: [],
      },
    ]);
    expect(world.log.join('')).not.toContain('ada');
  });
});
