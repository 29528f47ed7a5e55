/** Keys and values in Redis. The braces keep a trace's, or a session's, keys in one cluster slot. */
import type { Decision, Signal, Veto } from '@otel-replay/protocol';
import type { Erasure, Outcome, SharedDecision, SharedSignal } from './index.js';

export interface RedisKeys {
  /** String: the first decision. */
  decision(sessionId: string): string;
  /** Sorted set: the latest `keepUntil`, and the longest `keepForMs`. */
  keepUntil(sessionId: string): string;
  /** String: the trace's session. */
  session(traceId: string): string;
  /** List: the first few errors of a trace. */
  signals(traceId: string): string;
  /** List: the first few findings of a trace, which are signals too. */
  findings(traceId: string): string;
  /** Sorted set: when the session was last seen, and ended, by anybody. */
  presence(sessionId: string): string;
  /** String: why the session was not kept. */
  outcome(sessionId: string): string;
  /** String: somebody looks at the session. */
  watched(sessionId: string): string;
  /** String: when the subject was erased. */
  erased(subject: string): string;
  /** Channel of all that instances tell each other. Channels know no database, so its number is in the name. */
  readonly channel: string;
}

export function redisKeys(prefix: string, database: number): RedisKeys {
  return {
    decision: (sessionId) => `${prefix}{${sessionId}}:d`,
    keepUntil: (sessionId) => `${prefix}{${sessionId}}:u`,
    presence: (sessionId) => `${prefix}{${sessionId}}:p`,
    outcome: (sessionId) => `${prefix}{${sessionId}}:o`,
    watched: (sessionId) => `${prefix}{${sessionId}}:w`,
    erased: (subject) => `${prefix}{${subject}}:x`,
    session: (traceId) => `${prefix}{${traceId}}:s`,
    signals: (traceId) => `${prefix}{${traceId}}:e`,
    findings: (traceId) => `${prefix}{${traceId}}:f`,
    channel: `${prefix}decisions/${database}`,
  };
}

/** What instances tell each other; `from` is the one that tells. */
export type Message = DecisionMessage | WatchMessage | ErasureMessage;

export interface DecisionMessage extends SharedDecision {
  from: string;
}

export interface WatchMessage {
  from: string;
  sessionId: string;
  watched: true;
}

export interface ErasureMessage extends Erasure {
  from: string;
}

/** Undefined when others wrote something else under our names. */
export function parseDecision(text: string): Decision | undefined {
  const value = parseObject(text);
  return isDecision(value) ? value : undefined;
}

export function parseMessage(text: string): Message | undefined {
  const value = parseObject(text);
  if (value === undefined) return undefined;
  const { from, sessionId, decision, watched, subject, time } = value;
  if (typeof from === 'string' && typeof subject === 'string' && typeof time === 'number') {
    return { from, subject, time };
  }
  if (typeof from !== 'string' || typeof sessionId !== 'string') return undefined;
  if (watched === true) return { from, sessionId, watched };
  return isDecision(decision) ? { from, sessionId, decision } : undefined;
}

export function parseSignal(text: string): SharedSignal | undefined {
  const value = parseObject(text);
  if (value === undefined) return undefined;
  const { kind, timestamp, origin } = value;
  const isSignal =
    typeof kind === 'string' &&
    typeof timestamp === 'number' &&
    (origin === 'browser' || origin === 'backend');
  return isSignal ? { ...value, kind: kind as Signal['kind'], timestamp, origin } : undefined;
}

export function parseOutcome(text: string): Outcome | undefined {
  const value = parseObject(text);
  if (value === undefined) return undefined;
  const { droppedBy, limit } = value;
  return {
    ...(isVeto(droppedBy) ? { droppedBy } : {}),
    ...(typeof limit === 'string' ? { limit } : {}),
  };
}

function isVeto(value: unknown): value is Veto {
  if (typeof value !== 'object' || value === null) return false;
  const { policy, reason } = value as Record<string, unknown>;
  return typeof policy === 'string' && typeof reason === 'string';
}

function isDecision(value: unknown): value is Decision {
  if (typeof value !== 'object' || value === null) return false;
  const { policy, reason, decidedAt, keepUntil, keepForMs } = value as Record<string, unknown>;
  return (
    typeof policy === 'string' &&
    typeof reason === 'string' &&
    Number.isFinite(decidedAt) &&
    Number.isFinite(keepUntil) &&
    (keepForMs === undefined || Number.isFinite(keepForMs))
  );
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
