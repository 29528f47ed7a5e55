import type { Policy } from './policy.js';
import { sessionHash } from '@otel-replay/protocol';

export interface ProbabilisticOptions {
  /** 0 to 100. */
  samplingPercentage: number;
  hashSalt?: string;
}

/** Keeps a share of the sessions, whole, chosen by session id. */
export function probabilistic(name: string, options: ProbabilisticOptions): Policy {
  const { samplingPercentage, hashSalt = '' } = options;
  if (!(samplingPercentage >= 0 && samplingPercentage <= 100)) {
    throw new RangeError(
      `sampling_percentage of policy "${name}" is ${samplingPercentage}; give 0 to 100`,
    );
  }
  return {
    name,
    type: 'probabilistic',
    role: 'keep',
    evaluate: (event) =>
      event.kind === 'segment' && sessionHash(event.sessionId, hashSalt) * 100 < samplingPercentage
        ? {
            reason: `within the ${samplingPercentage} % of sessions that are kept`,
            wholeSession: true,
          }
        : undefined,
  };
}
