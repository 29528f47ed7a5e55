import { describe, expect, it } from 'vitest';
import { ConfigError, printConfig, retentionOf, type Config } from './index.js';
import { checkSources } from './load.js';
import { parseSource } from './source.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function load(replay: string): Config {
  const text = `
receivers: { otlp: }
processors: { session_replay: ${replay} }
exporters: { replay_store: }
service: { pipelines: { traces: { receivers: [otlp], exporters: [replay_store] } } }
`;
  return checkSources([parseSource('config.yaml', text)], {});
}

function problemOf(replay: string): string {
  try {
    load(replay);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

describe('keep_for', () => {
  it('is 30 days, or what is said, of each policy its own', () => {
    expect(retentionOf(load('{}').processors.session_replay).all).toEqual([30 * DAY_MS]);
    const config = load(`{ keep_for: 7d, policies: [
      { name: all, type: always_sample },
      { name: errors, type: status_code, status_code: { status_codes: [ERROR] }, keep_for: 2160h },
      { name: few, type: and, keep_for: 0s, and: { and_sub_policy: [{ name: x, type: always_sample }] } },
      { name: not, type: drop, drop: { drop_sub_policy: [{ name: y, type: always_sample }] } },
    ] }`);
    const retention = retentionOf(config.processors.session_replay);
    expect(retention.defaultMs).toBe(7 * DAY_MS);
    expect(['all', 'errors', 'few', 'not'].map((name) => retention.of(name))).toEqual([
      7 * DAY_MS,
      90 * DAY_MS,
      0,
      undefined,
    ]);
    expect(retention.all).toEqual([7 * DAY_MS, 90 * DAY_MS, 0]);
    expect(printConfig(config)).toContain('keep_for: 168h');
  });

  it('is not so short that it looks like a loss', () => {
    expect(problemOf('{ keep_for: 30m }')).toContain(
      'processors.session_replay.keep_for: must be at least 1h, or 0s for ever',
    );
    expect(problemOf('{ keep_for: 30 }')).toContain('must be a duration');
  });

  it('is not of policies that keep nothing by themselves', () => {
    const sub = '[{ name: x, type: always_sample, keep_for: 1h }]';
    const and = `{ policies: [{ name: a, type: and, and: { and_sub_policy: ${sub} } }] }`;
    expect(problemOf(and)).toMatch(/and_sub_policy\[0\]\.keep_for: unknown key/);
    const drop =
      '{ policies: [{ name: a, type: always_sample }, { name: d, type: ignore, keep_for: 1h, ignore: { name: x } }] }';
    expect(problemOf(drop)).toMatch(/policies\[1\]\.keep_for: unknown key/);
  });

  it('has days, which other durations do not have', () => {
    expect(problemOf('{ pre_roll: 1d }')).toContain('must be a duration');
  });
});
