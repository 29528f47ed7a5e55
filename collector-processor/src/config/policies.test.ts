import { describe, expect, it } from 'vitest';
import { createPolicies, createSpanQuery } from '../create-policies.js';
import { ConfigError, printConfig, type Config } from './index.js';
import { checkSources } from './load.js';
import { parseSource } from './source.js';

function load(policies: string): Config {
  const text = `
receivers: { otlp: }
exporters: { nop: , replay_store: }
service: { pipelines: { traces: { receivers: [otlp], exporters: [nop, replay_store] } } }
processors:
  session_replay:
    policies:
${policies}`;
  return checkSources([parseSource('config.yaml', text)], {});
}

/** Problems of the one policy, beside one that keeps; without file, line and the policy's path. */
function problemsOf(policy: string): string[] {
  try {
    load(`      - ${policy}\n      - { name: other, type: always_sample }\n`);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(
      ({ path, message }) => `${path.replace(/^.*?policies\[0\]\./, '')}: ${message}`,
    );
  }
}

const ALL = `
      - name: failed checkouts
        type: and
        and:
          and_sub_policy:
            - { name: errors, type: status_code, status_code: { status_codes: [ERROR] } }
            - { name: checkout, type: string_attribute, string_attribute: { key: browser.document.url.full, values: ['/checkout'], enabled_regex_matching: true } }
            - { name: cap, type: rate_limiting, rate_limiting: { sessions_per_second: 0.5 } }
      - { name: anger, type: numeric_attribute, numeric_attribute: { key: session_replay.rage_click_count, min_value: 2, max_value: 50 } }
      - { name: slow, type: latency, latency: { threshold_ms: 1500, upper_threshold_ms: 60000 } }
      - { name: gold, type: string_attribute, string_attribute: { key: user.tier, values: [gold] } }
      - { name: large, type: numeric_attribute, numeric_attribute: { key: cart.total, min_value: 999.5 } }
      - { name: some, type: probabilistic, probabilistic: { sampling_percentage: 1 } }
      - { name: first, type: rate_limiting, rate_limiting: { sessions_per_second: 3 } }
      - name: robots
        type: drop
        drop: { drop_sub_policy: [{ name: user, type: string_attribute, string_attribute: { key: user.id, values: [robot] } }] }
      - { name: not found, type: ignore, ignore: { http.response.status_code: 404, origin: backend } }
      - { name: 4xx, type: ignore, ignore: { http.response.status_code: "400-499", service.name: shop, kind: error_span, name: GET, span_kind: client } }
`;

describe('policies', () => {
  it('are read, printed and read again, and made', () => {
    const config = load(ALL);
    const { policies } = config.processors.session_replay;
    expect(checkSources([parseSource('print.yaml', printConfig(config))], {})).toEqual(config);
    expect(createPolicies(policies).map(({ type, role }) => `${type} ${role}`)).toEqual([
      'and keep',
      'numeric_attribute keep',
      'latency keep',
      'string_attribute keep',
      'numeric_attribute keep',
      'probabilistic keep',
      'rate_limiting keep',
      'drop drop',
      'ignore ignore',
      'ignore ignore',
    ]);
  });

  it.each([
    [
      '{ name: a, type: string_attribute, string_attribute: { key: session_replay.maskin, values: [x] } }',
      'string_attribute.key: must be one of service.name, browser.document.url.full, user.id, user.hash, session_replay.masking, session_replay.trigger, or of ordinary spans; did you mean "session_replay.masking"? (is "session_replay.maskin")',
    ],
    [
      '{ name: a, type: string_attribute, string_attribute: { key: session_replay.click_count, values: [x] } }',
      'string_attribute.key: must be asked for by numeric_attribute (is "session_replay.click_count")',
    ],
    [
      '{ name: a, type: string_attribute, string_attribute: { key: user.id, values: [x], enable_regex_matching: true } }',
      'string_attribute.enable_regex_matching: unknown key; did you mean "enabled_regex_matching"?',
    ],
    [
      '{ name: a, type: string_attribute, string_attribute: { key: user.id, values: [], enabled_regex_matching: true } }',
      'string_attribute.values: must list at least one value (is [])',
    ],
    [
      "{ name: a, type: string_attribute, string_attribute: { key: user.id, values: ['('], enabled_regex_matching: true } }",
      'string_attribute.values[0]: must be a regular expression: Invalid regular expression: /(/u: Unterminated group; fix it, or set enabled_regex_matching: false (is "(")',
    ],
    [
      '{ name: a, type: numeric_attribute, numeric_attribute: { key: session_replay.error_count, min_value: 0 } }',
      'numeric_attribute.min_value: must be at least 1; from 0 every segment would count (is 0)',
    ],
    [
      '{ name: a, type: numeric_attribute, numeric_attribute: { key: session_replay.error_count, min_value: 5, max_value: 3 } }',
      'numeric_attribute.max_value: must be at least min_value, 5 (is 3)',
    ],
    [
      '{ name: a, type: rate_limiting, rate_limiting: { sessions_per_second: 0 } }',
      'rate_limiting.sessions_per_second: must be more than 0 (is 0)',
    ],
    [
      '{ name: a, type: and, and: { and_sub_policy: [] } }',
      'and.and_sub_policy: must list at least one policy (is [])',
    ],
    [
      '{ name: a, type: and, and: { and_sub_policy: [{ name: b, type: ignore }] } }',
      'and.and_sub_policy[0].type: "ignore" is not known, must be one of: always_sample, probabilistic, status_code, browser_trigger, latency, string_attribute, numeric_attribute, rate_limiting',
    ],
    [
      '{ name: a, type: drop, drop: { drop_sub_policy: [{ name: b, type: always_sample, always: 1 }] } }',
      'drop.drop_sub_policy[0].always: unknown key; known here: name, type',
    ],
    [
      '{ name: a, type: and, and: { and_sub_policy: [{ name: b, type: always_sample }, { name: b, type: always_sample }] } }',
      'and.and_sub_policy[1].name: "b" is used twice; give every policy its own name',
    ],
    [
      '{ name: a, type: ignore, ignore: { http.response.status_code: 4xx } }',
      'ignore.http.response.status_code: must be a status code or a range of them, such as 404 or "400-499" (is "4xx")',
    ],
    [
      '{ name: a, type: ignore, ignore: { http.response.status_code: 499-400 } }',
      'ignore.http.response.status_code: must be a status code or a range of them, such as 404 or "400-499" (is "499-400")',
    ],
    [
      '{ name: a, type: ignore, ignore: {} }',
      'ignore: must have at least one key, otherwise every error would be ignored (is {})',
    ],
    [
      '{ name: a, type: latency, latency: { threshold_ms: 0 } }',
      'latency.threshold_ms: must be at least 1; from 0 every span would count (is 0)',
    ],
    [
      '{ name: a, type: latency, latency: { threshold_ms: 500, upper_threshold_ms: 499 } }',
      'latency.upper_threshold_ms: must be at least threshold_ms, 500 (is 499)',
    ],
    [
      '{ name: a, type: span_count, span_count: { min_spans: 1 } }',
      'type: "span_count" is not known, must be one of: always_sample, probabilistic, status_code, browser_trigger, latency, string_attribute, numeric_attribute, rate_limiting, and, drop, ignore',
    ],
  ])('%s', (policy, expected) => {
    expect(problemsOf(policy)).toEqual([expected]);
  });

  it('say what spans are looked at for, whatever they are nested in; nothing unless asked', () => {
    const query = (policies: string): unknown =>
      createSpanQuery(load(policies).processors.session_replay.policies);
    expect(query('      - { name: a, type: always_sample }\n')).toBeUndefined();
    const nested = `
      - { name: slow, type: latency, latency: { threshold_ms: 900 } }
      - name: both
        type: and
        and:
          and_sub_policy:
            - { name: slower, type: latency, latency: { threshold_ms: 500 } }
            - { name: user, type: string_attribute, string_attribute: { key: user.id, values: [a] } }
      - name: bots
        type: drop
        drop: { drop_sub_policy: [{ name: bot, type: string_attribute, string_attribute: { key: bot, values: [b] } }] }
`;
    expect(query(nested)).toMatchObject({ slowSpanMs: 500, attributes: [{ key: 'bot' }] });
  });

  it('must keep something', () => {
    const policy = '      - { name: a, type: ignore, ignore: { origin: browser } }\n';
    expect(() => load(policy)).toThrow(
      'processors.session_replay.policies: only drop and ignore, so nothing would be kept; add a policy that keeps, such as always_sample or status_code',
    );
  });
});
