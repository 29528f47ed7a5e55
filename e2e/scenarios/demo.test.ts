/** `npm run demo`, as somebody with a fresh clone meets it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { ensureBuilt } from '../harness/build.js';
import { eventually } from '../harness/eventually.js';
import { freePorts, NodeProcess } from '../harness/process.js';

let directory: string;
let env: Record<string, string>;
let demos: NodeProcess[] = [];

beforeAll(ensureBuilt);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'otel-replay-demo-'));
  const [shop, viewer, otlp, health] = await freePorts(4);
  env = {
    DEMO_SHOP_PORT: String(shop),
    DEMO_VIEWER_PORT: String(viewer),
    DEMO_OTLP_PORT: String(otlp),
    DEMO_HEALTH_PORT: String(health),
    DEMO_DATA_DIR: directory,
  };
});

afterEach(async () => {
  for (const demo of demos) await demo.stop();
  demos = [];
  await rm(directory, { recursive: true, force: true });
});

function runDemo(): NodeProcess {
  const demo = new NodeProcess({ name: 'demo', args: ['scripts/demo.mjs'], env });
  demos.push(demo);
  return demo;
}

async function urlsOf(demo: NodeProcess): Promise<string[]> {
  await eventually('three URLs', () => {
    demo.assertRunning();
    return demo.output.includes('Ctrl-C');
  });
  return demo.output.match(/http:\S+/g) ?? [];
}

it('prints three URLs that answer, says which port is taken, and stops on Ctrl-C', async () => {
  const demo = runDemo();
  const [shop = '', viewer = '', otlp = ''] = await urlsOf(demo);
  expect(await (await fetch(shop)).text()).toContain('Kiln &amp; Leaf');
  const page = await fetch(viewer);
  expect([page.status, page.headers.get('content-type')]).toEqual([
    200,
    expect.stringContaining('text/html'),
  ]);
  const headers = { 'content-type': 'application/json' };
  const traces = await fetch(`${otlp}/v1/traces`, { method: 'POST', headers, body: '{}' });
  expect(traces.status).toBe(200);

  const second = runDemo();
  expect(await second.exit).toBe(1);
  for (const variable of Object.keys(env).filter((name) => name.endsWith('PORT'))) {
    expect(second.output).toContain(`Port ${env[variable]}`);
    expect(second.output).toContain(`${variable}=<port>`);
  }

  expect(await demo.stop('SIGINT')).toBe(0);
  for (const url of [shop, viewer, otlp]) await expect(fetch(url)).rejects.toThrow();
});

it('stops the rest and shows the last lines when a part of it dies', async () => {
  const demo = runDemo();
  const [shop = ''] = await urlsOf(demo);
  const [processor] = await childrenOf(demo);
  process.kill(processor ?? NaN, 'SIGKILL');
  expect(await demo.exit).toBe(1);
  expect(demo.output).toContain('The processor ended (SIGKILL)');
  await expect(fetch(shop)).rejects.toThrow();
});

/** In the order they were started. */
async function childrenOf(demo: NodeProcess): Promise<number[]> {
  const children = await readFile(`/proc/${demo.pid}/task/${demo.pid}/children`, 'utf8');
  return children.trim().split(' ').map(Number);
}
