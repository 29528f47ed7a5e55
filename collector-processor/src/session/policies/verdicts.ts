/** What all policies together say: `ignore` before `drop` before the others, whatever their order. */
import type {
  Policy,
  PolicyContext,
  PolicyEvent,
  PolicyRole,
  PolicyVerdict,
  SessionMemory,
} from './policy.js';

export type Verdicts = (event: PolicyEvent, context: PolicyContext) => Wanted[];

/** A policy that wants the session, and why. */
export interface Wanted {
  policy: Policy;
  verdict: PolicyVerdict;
}

export function newMemory(): SessionMemory {
  return { verdicts: new Map() };
}

/** Nothing worth remembering. */
export function isBlank({ verdicts, veto }: SessionMemory): boolean {
  return verdicts.size === 0 && veto === undefined;
}

/** In the order of the policies; a veto is noted in the memory. */
export function verdictsOf(policies: readonly Policy[]): Verdicts {
  const withRole = (role: PolicyRole): Policy[] => policies.filter((p) => p.role === role);
  const [ignoring, dropping, keeping] = [withRole('ignore'), withRole('drop'), withRole('keep')];
  return (event, context) => {
    if (ignoring.some((policy) => policy.evaluate(event, context) !== undefined)) return [];
    const { memory, now } = context;
    for (const policy of dropping) {
      const verdict = policy.evaluate(event, context);
      if (verdict === undefined) continue;
      memory.veto ??= { policy: policy.name, reason: verdict.reason, at: now };
    }
    if (memory.veto !== undefined) return [];
    return keeping.flatMap((policy) => {
      const verdict = policy.evaluate(event, context);
      return verdict === undefined ? [] : [{ policy, verdict }];
    });
  };
}
