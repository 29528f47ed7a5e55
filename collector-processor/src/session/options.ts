/** What can be set of the state machine, with its defaults. */
import type { DecisionTimes } from './decision-times.js';
import type { Policy } from './policies/policy.js';
import type { RingOptions } from './ring.js';

export interface SessionsOptions {
  policies: readonly Policy[];
  /** What is kept from before a trigger; default 30 s. */
  preRollMs?: number;
  /** How late a trigger may come and still find the whole pre-roll; default 15 s. */
  decisionWaitMs?: number;
  /** What is kept after a trigger; default 60 s. */
  recordForMs?: number;
  /** How often recorders send checkpoints at the latest; default 60 s. */
  checkpointIntervalMs?: number;
  /** What one session may hold while it is not kept; default 8 MiB. */
  maxBufferBytes?: number;
  /** A session that sends no segment for so long has ended; default 60 s. */
  idleTimeoutMs?: number;
  /** Nothing of a session is kept beyond this length; default 1 h. */
  maxSessionDurationMs?: number;
  /** How long what a policy keeps is stored; 0: for ever; undefined: as others say. */
  keepForMs?: (policy: string) => number | undefined;
  /** Keep everything, and say what would have happened; default false. */
  isDryRun?: boolean;
  /** Other instances may hold parts of the same sessions; default false. */
  isSplit?: boolean;
}

export function timesOf(options: SessionsOptions): DecisionTimes & { idleTimeoutMs: number } {
  return {
    recordForMs: options.recordForMs ?? 60_000,
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
    maxSessionDurationMs: options.maxSessionDurationMs ?? 3_600_000,
    keepForMs: options.keepForMs ?? (() => undefined),
  };
}

export function ringOptionsOf(options: SessionsOptions): RingOptions {
  const holdMs = (options.preRollMs ?? 30_000) + (options.decisionWaitMs ?? 15_000);
  return {
    holdMs,
    companionHoldMs: holdMs + (options.checkpointIntervalMs ?? 60_000),
    maxBytes: options.maxBufferBytes ?? 8 * 1024 * 1024,
    isSplit: options.isSplit ?? false,
  };
}
