import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigError, EMBEDDED_CONFIG, loadConfig, printConfig, type Config } from './index.js';
import { checkSources } from './load.js';
import { parseSource } from './source.js';

const directories: string[] = [];
afterEach(async () => {
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
});

const MINIMAL = `
receivers: { otlp: }
exporters: { nop: , replay_store: }
service:
  pipelines:
    traces: { receivers: [otlp], exporters: [nop, replay_store] }
`;

function load(texts: string | string[], environment: Record<string, string> = {}): Config {
  const all = typeof texts === 'string' ? [texts] : texts;
  return checkSources(
    all.map((text, i) => parseSource(`${i === 0 ? 'config' : `config${i}`}.yaml`, text)),
    environment,
  );
}

function problemsOf(texts: string | string[], environment: Record<string, string> = {}): string[] {
  try {
    load(texts, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('defaults', () => {
  it('runs without a file on loopback only, keeps everything, forwards nothing', async () => {
    const config = await loadConfig([], {});
    expect(config.receivers['otlp']?.protocols.http.endpoint).toEqual({
      host: 'localhost',
      port: 4318,
    });
    expect(config.extensions.replay_api.endpoint).toEqual({ host: 'localhost', port: 8787 });
    expect(config.processors.session_replay.policies).toEqual([
      { name: 'everything', type: 'always_sample' },
    ]);
    expect(config.exporters.otlp_http).toBeUndefined();
  });

  it('fills in what a small file leaves out, `nop:` with nothing under it included', () => {
    const config = load(MINIMAL);
    expect(config.processors.session_replay.pre_roll).toBe(30_000);
    expect(config.exporters.replay_store?.max_object_size).toBe(4 * 1024 * 1024);
    expect(config.service.extensions).toEqual(['health_check', 'file_storage', 'replay_api']);
  });

  it('reads its own print', async () => {
    const config = await loadConfig([], {});
    expect(load(printConfig(config))).toEqual(config);
  });
});

describe('mistakes', () => {
  it('names key, line and fix, all at once', () => {
    const text = MINIMAL.replace(
      'exporters: { nop',
      `processors:
  session_replay:
    pre_rol: 30s
    record_for: 60
    decision_wait: 15 s
    max_segment_size: 1Mb
    forward_segment_spans: ja
    policies:
      - { name: a, type: probabilistc }
      - { name: b, type: probabilistic, probabilistic: { sampling_percentage: 101 } }
      - { name: c, type: status_code }
exporters: { nop`,
    );
    expect(problemsOf(text)).toEqual([
      'config.yaml:5: processors.session_replay.pre_rol: unknown key; did you mean "pre_roll"?',
      'config.yaml:6: processors.session_replay.record_for: must be a duration with a unit, such as 300ms, 30s, 5m or 1h30m (is 60)',
      'config.yaml:7: processors.session_replay.decision_wait: must be a duration with a unit, such as 300ms, 30s, 5m or 1h30m (is "15 s")',
      'config.yaml:8: processors.session_replay.max_segment_size: must be a size: bytes as a number, or with a unit such as 512KiB, 8MiB or 2GiB (is "1Mb")',
      'config.yaml:9: processors.session_replay.forward_segment_spans: must be true or false (is "ja")',
      'config.yaml:11: processors.session_replay.policies[0].type: "probabilistc" is not known, must be one of: always_sample, probabilistic, status_code, browser_trigger, latency, string_attribute, numeric_attribute, rate_limiting, and, drop, ignore; did you mean "probabilistic"?',
      'config.yaml:12: processors.session_replay.policies[1].probabilistic.sampling_percentage: must be at most 100 (is 101)',
      'config.yaml:13: processors.session_replay.policies[2].status_code: is required: Settings of the policy.',
    ]);
  });

  it.each([
    [
      'receivers: { otlp: }',
      'receivers: { otlp: , jaeger: }',
      'config.yaml:2: receivers.jaeger: there is no such receiver; known: otlp, otlp/<name>',
    ],
    [
      'receivers: { otlp: }',
      'receivers: { otlp: { protocols: { grpc: } } }',
      'config.yaml:2: receivers.otlp.protocols.grpc: unknown key; known here: http',
    ],
    [
      'exporters: { nop: ,',
      'exporters: { otlphttp: , nop: ,',
      'config.yaml:3: exporters.otlphttp: unknown key; did you mean "otlp_http"?',
    ],
    [
      'exporters: { nop: ,',
      'exporters: { otlp_http: { endpoint: collector:4318 }, nop: ,',
      'config.yaml:3: exporters.otlp_http.endpoint: must be a URL such as http://otel-collector:4318 (is "collector:4318")',
    ],
    [
      'receivers: [otlp]',
      'receivers: [otpl]',
      'config.yaml:6: service.pipelines.traces.receivers[0]: "otpl" is not under receivers; did you mean "otlp"?',
    ],
    [
      '[nop, replay_store]',
      '[otlp_http, replay_store]',
      'config.yaml:6: service.pipelines.traces.exporters[0]: "otlp_http" is not under exporters; add `otlp_http:` there',
    ],
    [
      '[nop, replay_store]',
      '[nop]',
      'config.yaml:5: service.pipelines: no pipeline has the exporter replay_store, so no replay would be kept; add it to one',
    ],
    [
      '    traces:',
      '    metrics: { receivers: [otlp], exporters: [nop] }\n    traces:',
      'config.yaml:6: service.pipelines.metrics: a pipeline is named traces, logs, traces/<name> or logs/<name>; metrics are not taken',
    ],
    [
      'receivers: { otlp: }',
      'receivers: { otlp: { protocols: { http: { endpoint: "4318" } } } }',
      'config.yaml:2: receivers.otlp.protocols.http.endpoint: must be host:port, such as localhost:4318 (this machine only) or 0.0.0.0:4318 (every interface) (is "4318")',
    ],
    [
      'service:',
      'extensions: { health_check: { endpoint: localhost:4318 } }\nservice:',
      'config.yaml:4: extensions.health_check.endpoint: localhost:4318 is already taken by receivers.otlp.protocols.http.endpoint; give one of them another port',
    ],
    [
      'service:',
      'extensions: { pprof: }\nservice:',
      'config.yaml:4: extensions.pprof: unknown key; known here: health_check, file_storage, zpages, replay_api',
    ],
    [
      'service:',
      'service:\n  extensions: [health_check]',
      'config.yaml:5: service.extensions: must list file_storage: nothing is accepted that would not survive a crash',
    ],
  ])('%s -> %s', (from, to, expected) => {
    expect(problemsOf(MINIMAL.replace(from, to))).toContain(expected);
  });

  it('refuses to serve replays to other machines without a token', () => {
    const open = MINIMAL.replace(
      'service:',
      'extensions: { replay_api: { endpoint: "0.0.0.0:8787" } }\nservice:',
    );
    expect(problemsOf(open)).toEqual([
      'config.yaml:4: extensions.replay_api.endpoint: 0.0.0.0:8787 can be reached from other machines, and anybody could watch replays; set extensions.replay_api.auth.bearer_token: ${env:REPLAY_API_TOKEN}, or listen on localhost',
    ]);
    const closed = open.replace('8787"', '8787", auth: { bearer_token: "${env:TOKEN}" }');
    expect(problemsOf(closed, { TOKEN: 's3cret' })).toEqual([]);
  });

  it('says what is missing from an empty file', () => {
    expect(problemsOf('')).toEqual([
      'config.yaml: receivers: is required: `otlp`, and further ones as `otlp/<name>`.',
      'config.yaml: exporters: is required: Where data goes.',
      'config.yaml: service: is required: What of the above runs, and how it is joined.',
    ]);
  });

  it('gives the line of broken YAML', () => {
    expect(problemsOf('receivers: {\n  otlp: [\n')[0]).toMatch(/^config\.yaml:\d: not YAML: /);
    expect(problemsOf('- a\n')).toEqual([
      'config.yaml:1: must be a mapping with receivers, exporters and service',
    ]);
  });

  it('names a file that is not there', async () => {
    await expect(loadConfig(['./no-such.yaml'], {})).rejects.toThrow(
      './no-such.yaml: there is no such file; check the path given to --config',
    );
  });
});

describe('environment', () => {
  const withHttp = (http: string): string =>
    MINIMAL.replace(
      'receivers: { otlp: }',
      `receivers: { otlp: { protocols: { http: { ${http} } } } }`,
    );
  const withToken = (token: string): string =>
    MINIMAL.replace(
      'service:',
      `extensions: { replay_api: { auth: { bearer_token: '${token}' } } }\nservice:`,
    );

  it('replaces references, with defaults and types', () => {
    const config = load(
      withHttp("endpoint: 'localhost:${env:PORT:-4319}', max_request_body_size: '${SIZE}'"),
      { SIZE: '1048576' },
    );
    expect(config.receivers['otlp']?.protocols.http).toMatchObject({
      endpoint: { port: 4319 },
      max_request_body_size: 1048576,
    });
  });

  it('keeps the text where a text is wanted, and `$$` is a dollar sign', () => {
    const token = (text: string, environment = {}): string | undefined =>
      load(withToken(text), environment).extensions.replay_api.auth.bearer_token?.reveal();
    expect(token('${env:TOKEN}', { TOKEN: '0123' })).toBe('0123');
    expect(token('a$$b')).toBe('a$b');
  });

  it('does not run with an unset or unreadable reference', () => {
    expect(problemsOf(withToken('${env:TOKEN}'))).toEqual([
      'config.yaml:4: extensions.replay_api.auth.bearer_token: environment variable TOKEN is not set; set it, or write ${env:TOKEN:-default}',
    ]);
    expect(problemsOf(withToken('${file:token}'))[0]).toContain(
      'cannot be read; write ${env:NAME}',
    );
  });

  it('never shows a secret', () => {
    const config = load(withToken('${env:TOKEN}'), { TOKEN: 's3cret' });
    const print = printConfig(config);
    expect(print).toContain('bearer_token: "[REDACTED]"');
    expect(
      print + JSON.stringify(config) + String(config.extensions.replay_api.auth.bearer_token),
    ).not.toContain('s3cret');
  });
});

describe('several files', () => {
  it('merges maps and replaces lists', () => {
    const config = load([
      EMBEDDED_CONFIG,
      `
processors: { session_replay: { pre_roll: 10s, policies: [{ name: e, type: status_code, status_code: { status_codes: [ERROR] } }] } }
`,
    ]);
    expect(config.processors.session_replay.pre_roll).toBe(10_000);
    expect(config.processors.session_replay.policies).toHaveLength(1);
    expect(config.receivers['otlp']?.protocols.http.cors.allowed_origins).toHaveLength(2);
  });

  it('blames the file that holds the mistake', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'config-'));
    directories.push(directory);
    const [base, over] = [join(directory, 'base.yaml'), join(directory, 'over.yaml')];
    await writeFile(base, EMBEDDED_CONFIG);
    await writeFile(over, 'processors:\n  session_replay:\n    pre_roll: never\n');
    await expect(loadConfig([base, over], {})).rejects.toThrow(
      `${over}:3: processors.session_replay.pre_roll`,
    );
  });
});

describe('memory_limiter', () => {
  const limited = (limits: string, processors = '[memory_limiter, session_replay]'): string => `
receivers: { otlp: }
processors: { memory_limiter: { ${limits} } }
exporters: { nop: , replay_store: }
service:
  pipelines:
    traces: { receivers: [otlp], processors: ${processors}, exporters: [nop, replay_store] }
`;

  it('has the keys of the Collector', () => {
    const limits = 'check_interval: 500ms, limit_percentage: 75, spike_limit_percentage: 15';
    expect(load(limited(limits)).processors.memory_limiter).toEqual({
      check_interval: 500,
      limit_percentage: 75,
      spike_limit_percentage: 15,
    });
    expect(load(limited('limit_mib: 400')).processors.memory_limiter).toMatchObject({
      check_interval: 1000,
      limit_mib: 400,
    });
  });

  it.each([
    ['check_interval: 1s', undefined, 'has no limit; set limit_percentage'],
    ['limit_mib: 100, spike_limit_mib: 100', undefined, 'spike_limit_mib: is not below the limit'],
    ['limit_mib: 100', '[session_replay]', 'is in no pipeline; put it first'],
    ['limit_mib: 100', '[session_replay, memory_limiter]', 'memory is asked first'],
    ['limit_mib: 100', '[memory_limiter]', 'without session_replay payload would reach'],
    ['limit_percentage: 120', undefined, 'must be at most 100'],
  ])('refuses %s in %s', (limits, processors, problem) => {
    expect(problemsOf(limited(limits, processors)).join('\n')).toContain(problem);
  });

  it('must be configured where a pipeline names it', () => {
    const text = limited('limit_mib: 100').replace(/^processors:.*$/m, '');
    expect(problemsOf(text).join()).toContain('"memory_limiter" is not under processors');
  });
});
