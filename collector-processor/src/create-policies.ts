/** From configuration to policies; here, because the session room knows no configuration. */
import { statusCodeRange, type PolicyConfig } from './config/index.js';
import type { SpanQuery } from './otlp/types.js';
import {
  alwaysSample,
  and,
  browserTrigger,
  drop,
  ignore,
  latency,
  numericAttribute,
  probabilistic,
  rateLimiting,
  spanQueryOf,
  statusCode,
  stringAttribute,
  type IgnoreOptions,
  type Policy,
} from './session/policies/index.js';

/** The policies of a checked configuration. */
export function createPolicies(configs: readonly PolicyConfig[]): Policy[] {
  return configs.map(createPolicy);
}

/** What receivers must look for on ordinary spans; undefined: nothing but errors. */
export function createSpanQuery(configs: readonly PolicyConfig[]): SpanQuery | undefined {
  return spanQueryOf(createPolicies(configs));
}

function createPolicy(config: PolicyConfig): Policy {
  switch (config.type) {
    case 'always_sample':
      return alwaysSample(config.name);
    case 'probabilistic':
      return probabilistic(config.name, {
        samplingPercentage: config.probabilistic.sampling_percentage,
        hashSalt: config.probabilistic.hash_salt,
      });
    case 'status_code':
      return statusCode(config.name);
    case 'browser_trigger':
      return browserTrigger(config.name);
    case 'string_attribute':
      return stringAttribute(config.name, {
        key: config.string_attribute.key,
        values: config.string_attribute.values,
        enabledRegexMatching: config.string_attribute.enabled_regex_matching,
      });
    case 'numeric_attribute': {
      const { key, min_value: minValue, max_value: maxValue } = config.numeric_attribute;
      const range = maxValue === undefined ? { minValue } : { minValue, maxValue };
      return numericAttribute(config.name, { key, ...range });
    }
    case 'latency': {
      const { threshold_ms: thresholdMs, upper_threshold_ms: upperThresholdMs } = config.latency;
      const range =
        upperThresholdMs === undefined ? { thresholdMs } : { thresholdMs, upperThresholdMs };
      return latency(config.name, range);
    }
    case 'rate_limiting':
      return rateLimiting(config.name, {
        sessionsPerSecond: config.rate_limiting.sessions_per_second,
      });
    case 'and':
      return and(config.name, createPolicies(config.and.and_sub_policy));
    case 'drop':
      return drop(config.name, createPolicies(config.drop.drop_sub_policy));
    case 'ignore':
      return ignore(config.name, ignoreOptions(config.ignore));
  }
}

function ignoreOptions(config: Extract<PolicyConfig, { type: 'ignore' }>['ignore']): IgnoreOptions {
  const { kind, origin, name, 'service.name': serviceName, span_kind: spanKind } = config;
  const codes = config['http.response.status_code'];
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(origin === undefined ? {} : { origin }),
    ...(name === undefined ? {} : { name }),
    ...(spanKind === undefined ? {} : { spanKind }),
    ...(serviceName === undefined ? {} : { serviceName }),
    ...(codes === undefined ? {} : { httpStatusCode: statusCodeRange(codes) }),
  };
}
