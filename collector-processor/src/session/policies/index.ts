import { alwaysSample } from './always-sample.js';
import type { Policy } from './policy.js';

export type {
  Policy,
  PolicyContext,
  PolicyEvent,
  PolicyRole,
  PolicySignal,
  PolicyVerdict,
  SessionMemory,
} from './policy.js';
export { alwaysSample } from './always-sample.js';
export { and } from './and.js';
export { browserTrigger } from './browser-trigger.js';
export { drop } from './drop.js';
export { ignore, type IgnoreOptions } from './ignore.js';
export { latency, type LatencyOptions } from './latency.js';
export { numericAttribute, type NumericAttributeOptions } from './numeric-attribute.js';
export { probabilistic, type ProbabilisticOptions } from './probabilistic.js';
export { rateLimiting, type RateLimitingOptions } from './rate-limiting.js';
export { NUMERIC_ATTRIBUTES, STRING_ATTRIBUTES } from './segment-attributes.js';
export { spanQueryOf } from './span-query.js';
export { statusCode } from './status-code.js';
export { stringAttribute, type StringAttributeOptions } from './string-attribute.js';
export { isBlank, newMemory, verdictsOf, type Verdicts, type Wanted } from './verdicts.js';

/** What runs unless configured otherwise: every session is kept. */
export const DEFAULT_POLICIES: readonly Policy[] = [alwaysSample('everything')];
