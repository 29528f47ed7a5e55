/** What an operator sees of a real process: status page, health, logs, metrics by OTLP. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeWithRedis, startRedisServer } from './redis-server/redis-server.js';
import { createHarness, eventually, manifestWith } from './support/harness.js';
import { NextHop } from './support/next-hop.js';
import { makeSegment, randomHex, send, tracesBody } from './support/otlp.js';
import { launch, type Processor } from './support/processor.js';

interface HealthBody {
  health: string;
  components: Record<string, { status: string; error?: string } | undefined>;
}

const harness = createHarness();

const ZPAGES = `extensions: { zpages: { endpoint: 'localhost:0' } }
service: { extensions: [health_check, file_storage, replay_api, zpages] }
`;

async function healthOf(processor: Processor): Promise<HealthBody & { code: number }> {
  const response = await fetch(await processor.url('health_check'));
  return { ...((await response.json()) as HealthBody), code: response.status };
}

/** Waits for the status of a component; the process stays ready all the while. */
async function becomes(processor: Processor, name: string, status: string): Promise<string> {
  const { code, components, health } = await eventually(
    () => healthOf(processor),
    (body) => body.components[name]?.status === status,
  );
  expect(code).toBe(200);
  expect(health).toBe(status);
  return components[name]?.error ?? '';
}

async function visit(processor: Processor, sessionId = randomHex(16)): Promise<string> {
  const segment = await makeSegment({ sessionId, recordingId: randomHex(16), index: 0 });
  const response = await send(await processor.url('otlp'), tracesBody('protobuf', [segment]));
  expect(response.status).toBe(200);
  return sessionId;
}

describe('the status page', () => {
  it('tells how everything does, as HTML and as JSON, and no secret', async () => {
    const processor = await harness.start({
      env: { REPLAY_TOKEN: 'token-canary' },
      config: `${ZPAGES.replace('extensions: {', "extensions: { replay_api: { auth: { bearer_token: '${env:REPLAY_TOKEN}' } },")}
processors:
  session_replay:
    policies:
      - name: <b>watched & co</b>
        type: string_attribute
        string_attribute: { key: user.id, values: [ann.canary] }
`,
    });
    const sessionId = randomHex(16);
    const recordingId = randomHex(16);
    const segment = await makeSegment({ sessionId, recordingId, index: 0, userId: 'ann.canary' });
    await send(await processor.url('otlp'), tracesBody('protobuf', [segment]));
    const url = `${await processor.url('zpages')}/debug/replayz`;
    const read = async (): Promise<{
      sections: Record<string, Record<string, unknown> | undefined> & { decisions: unknown[] };
    }> => (await (await fetch(url)).json()) as never;
    const status = await eventually(
      read,
      ({ sections }) =>
        sections.decisions.length > 0 && sections['sessions']?.['sessions{state=keeping}'] === 1,
    );
    expect(status).toMatchObject({
      service: { name: 'session-replay-processor', version: '0.1.0', ready: true },
      components: { 'exporters.replay_store': { status: 'StatusOK' } },
      sections: {
        sessions: { 'sessions{state=keeping}': 1 },
        buffer: { buffer_capacity_bytes: 2 ** 31, oldest_file: expect.any(String) as unknown },
        store: { name: 'filesystem' },
        index: { name: 'sqlite' },
        coordination: { name: 'memory', available: true },
        queue: { exporter: 'nop' },
        decisions: [{ sessionId, policy: '<b>watched & co</b>', reason: 'user.id' }],
      },
      totals: { 'segments_received{outcome=accepted}': 1 },
    });
    const response = await fetch(url, { headers: { accept: 'text/html' } });
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const html = await response.text();
    expect(html).toContain(sessionId);
    expect(html).toContain('&#60;b&#62;watched &#38; co&#60;/b&#62;');
    expect(html).not.toMatch(/<b>|https?:\/\/(?!collector)|<script|src=/);
    expect(html).toContain('[REDACTED]');
    expect(html + JSON.stringify(status)).not.toContain('token-canary');
    // What users did stays where a token is asked for; the configuration names whom it watches.
    const { config, ...rest } = status as unknown as { config: string };
    expect(config).toContain('ann.canary');
    expect(JSON.stringify(rest)).not.toContain('ann.canary');
  });

  it('is not there unless asked for, and not for names that resolve here', async () => {
    const without = await harness.start();
    const { ports } = await without.logged('ready');
    expect(Object.keys(ports as object)).not.toContain('zpages');
    const processor = await harness.start({ config: ZPAGES });
    const url = await processor.url('zpages');
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/debug/replayz`, { method: 'POST' })).status).toBe(405);
    const code = await new Promise((resolve) => {
      get(`${url}/debug/replayz`, { headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
    });
    expect(code).toBe(403);
  });
});

describe('health', () => {
  it('says that the next hop is away, and that it is back', async () => {
    const hop = new NextHop();
    await hop.start();
    harness.onEnd(() => hop.stop());
    const processor = await harness.start({
      config: `exporters:
  otlp_http:
    endpoint: ${hop.url}
    retry_on_failure: { initial_interval: 50ms, max_interval: 100ms }
service: { pipelines: { traces: { receivers: [otlp], exporters: [otlp_http, replay_store] } } }
`,
    });
    expect((await healthOf(processor)).health).toBe('StatusOK');
    await hop.stop();
    await visit(processor);
    const error = await becomes(processor, 'exporters.otlp_http', 'StatusRecoverableError');
    expect(error).toMatch(/requests wait: .*ECONNREFUSED/);
    await hop.start();
    await becomes(processor, 'exporters.otlp_http', 'StatusOK');
  });

  it('says that the store is away, and that it is back', async () => {
    const directory = await harness.directory();
    const processor = await harness.start({ directory });
    const store = join(directory, 'store');
    await rm(store, { recursive: true });
    await writeFile(store, 'no folder');
    const sessionId = await visit(processor);
    const error = await becomes(processor, 'exporters.replay_store', 'StatusRecoverableError');
    expect(error).toMatch(/put of .* failed/);
    await rm(store);
    await mkdir(store);
    await visit(processor); // not to wait for the next attempt, which may be half a minute away
    await becomes(processor, 'exporters.replay_store', 'StatusOK');
    await manifestWith(await processor.url('replay_api'), sessionId, 1);
  });
});

describeWithRedis('health with Redis', () => {
  it('says that it is away, and that it is back', async () => {
    const redis = await startRedisServer();
    harness.onEnd(() => redis.stop());
    const processor = await harness.start({
      config: `processors: { session_replay: { coordination: { redis: { endpoint: '127.0.0.1:${redis.port}' } } } }`,
    });
    await becomes(processor, 'coordination', 'StatusOK');
    await redis.kill();
    const error = await becomes(processor, 'coordination', 'StatusRecoverableError');
    expect(error).toMatch(/redis is away/);
    await redis.restart();
    await becomes(processor, 'coordination', 'StatusOK');
  });
});

describe('logs', () => {
  it('are one JSON object a line with time, level and message first', async () => {
    const processor = await harness.start();
    await manifestWith(await processor.url('replay_api'), await visit(processor), 1);
    await processor.stop();
    const lines = processor.log.split('\n').filter((line) => line !== '');
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines) {
      const fields = Object.entries(JSON.parse(line) as Record<string, unknown>);
      const [time, level, message] = fields;
      for (const [name] of fields) expect(name).toMatch(/^[a-z]+([._][a-z]+)*$/);
      expect(time?.[0]).toBe('time');
      expect(time?.[1]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(level).toEqual(['level', expect.stringMatching(/^(debug|info|warn|error)$/)]);
      expect(message?.[0]).toBe('message');
    }
  });

  it('leave out what is below the level, and are readable for people', async () => {
    const config = `service: { telemetry: { logs: { level: warn, encoding: console } } }`;
    const directory = await harness.directory();
    const other = await harness.start({ directory });
    // A second process on the same directory ends with an error, by the console encoding.
    await writeFile(join(directory, 'console.yaml'), config);
    const files = ['base.yaml', 'console.yaml'].flatMap((f) => ['--config', join(directory, f)]);
    const second = launch(files, { env: { DATA: directory } });
    expect((await second.exited).code).toBe(1);
    expect(second.log).not.toMatch(/ info |"level"/);
    expect(second.log).toContain('is in use by process');
    await other.stop();
  });
});
