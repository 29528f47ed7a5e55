import { describe, expect, it } from 'vitest';
import { ConfigError, printConfig, type Config } from './index.js';
import { checkSources } from './load.js';
import { parseSource } from './source.js';

function load(more: string): Config {
  const text = `
receivers: { otlp: }
exporters: { replay_store: }
service:
  pipelines: { traces: { receivers: [otlp], exporters: [replay_store] } }
  ${more}
`;
  return checkSources([parseSource('config.yaml', text)], { KEY: 'key-canary' });
}

const readers = (list: string): Config => load(`telemetry: { metrics: { readers: ${list} } }`);

function problemOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

describe('metrics readers', () => {
  const otlp =
    "exporter: { otlp: { endpoint: 'https://otlp.test', headers: { api-key: '${env:KEY}' } } }";

  it('are Prometheus unless said otherwise, or both', () => {
    const [only, ...none] = load('').service.telemetry.metrics.readers;
    expect(only?.pull?.exporter.prometheus).toEqual({ host: 'localhost', port: 8888 });
    expect(none).toEqual([]);
    expect(readers('[]').service.telemetry.metrics.readers).toEqual([]);
    const both = readers(`[{ pull: }, { periodic: { ${otlp} } }]`);
    expect(both.service.telemetry.metrics.readers[1]?.periodic).toMatchObject({
      interval: 60_000,
      timeout: 30_000,
      exporter: { otlp: { protocol: 'http/protobuf', endpoint: 'https://otlp.test' } },
    });
    expect(printConfig(both)).not.toContain('key-canary');
  });

  it('take milliseconds as the Collector does, and durations', () => {
    const intervalOf = (text: string): number | undefined =>
      readers(`[{ periodic: { interval: ${text}, ${otlp} } }]`).service.telemetry.metrics.readers[0]
        ?.periodic?.interval;
    expect(intervalOf('10000')).toBe(10_000);
    expect(intervalOf('10s')).toBe(10_000);
    expect(problemOf(() => intervalOf('soon'))).toContain('must be milliseconds');
  });

  it('are one or the other each, and one to pull at most', () => {
    expect(problemOf(() => readers(`[{ pull: , periodic: { ${otlp} } }]`))).toContain(
      'readers[0]: must be either pull or periodic',
    );
    expect(problemOf(() => readers('[{}]'))).toContain('must be either pull or periodic');
    expect(problemOf(() => readers('[{ pull: }, { pull: }]'))).toContain('at most one pull');
    const grpc = "[{ periodic: { exporter: { otlp: { protocol: grpc, endpoint: 'http://x' } } } }]";
    expect(problemOf(() => readers(grpc))).toMatch(/protocol.*http\/protobuf/);
  });
});

describe('the status page', () => {
  it('must be asked for', () => {
    expect(load('').service.extensions).not.toContain('zpages');
    const list = 'extensions: [file_storage, zpages]';
    const asked = load(`${list}\nextensions: { zpages: }`);
    expect(asked.extensions.zpages?.endpoint).toEqual({ host: 'localhost', port: 55679 });
    expect(problemOf(() => load(list))).toContain('add `zpages:` there');
    expect(problemOf(() => load('workers: 1\nextensions: { zpages: }'))).toContain(
      'extensions.zpages: is not in service.extensions',
    );
  });
});
