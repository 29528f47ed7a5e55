import type { Problem } from '@otel-replay/protocol';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createApiWorld, ENCODED, statusOf, TRACE } from '../../test/support/api.js';

const world = createApiWorld();

describe('mistakes', () => {
  it.each([
    [400, 'traces/xyz', '"xyz" must be 32 hex digits'],
    [400, 'sessions?from=abc', 'Parameter "from" is "abc"'],
    [400, 'sessions?from=2&to=1', '"from" (2) is after "to" (1)'],
    [400, 'sessions?limit=0', 'Parameter "limit" is "0"; it must be a whole number from 1 to 200'],
    [400, 'sessions?limit=201', 'Parameter "limit"'],
    [400, 'sessions?limit=1&limit=2', 'Parameter "limit" is given twice'],
    [400, 'sessions?error=yes', 'Parameter "error" is "yes"; it must be true or false'],
    [400, 'sessions?usr=1', 'no parameter "usr"; known here: from, to, service, user'],
    [400, `sessions/${'x'.repeat(200)}`, 'must have 1 to 128 characters'],
    [400, 'sessions/%E0%A4%A', 'broken percent-encoding'],
    [400, 'sessions/a/recordings/b/events', 'recording id "b" must be 32 hex digits'],
    [404, 'sessions/a/dead', 'There is no /api/v1/sessions/a/dead'],
    [404, 'nothing', 'There is no /api/v1/nothing'],
  ])('%i %s', async (status, path, detail) => {
    const base = await world.start();
    const response = await fetch(`${base}/api/v1/${path}`);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const problem = (await response.json()) as Problem;
    expect(problem).toMatchObject({ status, type: 'about:blank' });
    expect(problem.detail).toContain(detail);
    expect(response.status).toBe(status);
  });

  it('says why there is no replay, and when to ask again', async () => {
    const base = await world.start();
    const never = (await (
      await fetch(`${base}/api/v1/traces/${'c'.repeat(32)}`)
    ).json()) as Problem;
    expect(never).toMatchObject({ status: 404, title: 'No replay', reason: 'never_recorded' });
    const soon = await fetch(`${base}/api/v1/traces/${'d'.repeat(32)}`);
    expect(soon.headers.get('retry-after')).toBe('2');
    const gone = (await (await fetch(`${base}/api/v1/sessions/gone`)).json()) as Problem;
    expect(gone).toMatchObject({ reason: 'deleted' });
  });

  it('does not delete everything, and knows no other methods', async () => {
    const base = await world.start();
    const all = await fetch(`${base}/api/v1/sessions`, { method: 'DELETE' });
    expect(all.status).toBe(400);
    const post = await fetch(`${base}/api/v1/sessions`, { method: 'POST' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD, DELETE']);
    expect(world.deleted).toEqual([]);
  });

  it('any path and any parameters: an answer that is not a 500', async () => {
    const base = await world.start();
    const piece = fc.oneof(
      fc.constantFrom('api', 'v1', 'sessions', 'traces', 'recordings', 'events', 'spans', 'assets'),
      fc.constantFrom('..', '.', '', '%2e%2e', '%00', '%E0', '%2F', TRACE, ENCODED),
      fc.webSegment(),
    );
    const path = fc.oneof(
      fc.array(piece, { maxLength: 7 }).map((pieces) => `/${pieces.join('/')}`),
      fc.array(piece, { maxLength: 5 }).map((pieces) => `/api/v1/${pieces.join('/')}`),
    );
    const query = fc.webQueryParameters();
    const method = fc.constantFrom('GET', 'HEAD', 'DELETE', 'POST', 'OPTIONS', 'PUT');
    await fc.assert(
      fc.asyncProperty(path, query, method, async (p, q, m) => {
        const status = await statusOf(base, `${p}?${q}`, { method: m });
        expect([200, 204, 400, 404, 405, 503]).toContain(status);
      }),
      { numRuns: 500 },
    );
    expect(world.log.join('')).not.toContain('failed');
  });

  it('answers 500 without details, which go to the log', async () => {
    const broken = { ...world.reader, manifest: () => Promise.reject(new Error('disk on fire')) };
    const base = await world.start({ reader: broken });
    const response = await fetch(`${base}/api/v1/sessions/a`);
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('fire');
    expect(world.log.join('')).toContain('disk on fire');
  });
});
