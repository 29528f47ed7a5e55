import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createApiWorld, ENCODED, TRACE } from '../../test/support/api.js';

const world = createApiWorld();

describe('viewer', () => {
  it('serves page and assets with their headers', async () => {
    await writeFile(join(world.directory, 'index.html'), '<!doctype html>page');
    await mkdir(join(world.directory, 'assets'));
    await writeFile(join(world.directory, 'assets', 'main-Ab1_.js'), 'export {};');
    const base = await world.start();
    for (const path of ['/', `/traces/${TRACE}`, `/sessions/${ENCODED}?t=1000`]) {
      const page = await fetch(base + path);
      expect([page.status, await page.text()]).toEqual([200, '<!doctype html>page']);
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(page.headers.get('referrer-policy')).toBe('no-referrer');
      expect(page.headers.get('cache-control')).toBe('no-cache');
    }
    const asset = await fetch(`${base}/assets/main-Ab1_.js`);
    expect(asset.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(asset.headers.get('cache-control')).toContain('immutable');
    for (const path of [
      '/assets/none.js',
      '/assets/..%2Findex.html',
      '/assets/../../etc/passwd',
      '/favicon.ico',
      '/tracesx',
    ]) {
      expect((await fetch(base + path)).status, path).toBe(404);
    }
    expect((await fetch(`${base}/`, { method: 'POST' })).status).toBe(405);
  });

  it('says how to build it when it is not built', async () => {
    const base = await world.start();
    const page = await fetch(base);
    expect(page.status).toBe(503);
    expect(await page.text()).toContain('npm run build -w @otel-replay/player');
  });
});
