/** What is asked of Redis, without Lua or modules. Each function is one round trip per batch. */
import type { Decision } from '@otel-replay/protocol';
import type { ChainableCommander, Redis } from 'ioredis';
import {
  MAX_SIGNALS_PER_TRACE,
  ERASED_TTL_MS,
  OUTCOME_TTL_MS,
  WATCH_TTL_MS,
  type Erasure,
  type JoinedSignal,
  type Outcome,
  type SharedOutcome,
  type SharedSignal,
  type Sighting,
  type TraceLink,
  type TraceSignal,
  isFinding,
  isPlain,
} from './index.js';
import { mergeDecisions } from '../session/merge-decisions.js';
import { parseDecision, parseOutcome, parseSignal, type RedisKeys } from './redis-format.js';

/** Members of the sorted set, whose scores only grow. */
const UNTIL = 'until';
const KEEP_FOR = 'for';
const SEEN = 'seen';
const ENDED = 'ended';

/**
 * Shares a decision and returns what holds now: the first one ever, with the latest end. No expiry
 * is ever shortened.
 */
export async function writeDecision(
  redis: Redis,
  keys: RedisKeys,
  sessionId: string,
  decision: Decision,
  ttlMs: number,
): Promise<Decision> {
  const first = keys.decision(sessionId);
  const until = keys.keepUntil(sessionId);
  const transaction = redis
    .multi()
    .set(first, JSON.stringify(decision), 'PX', ttlMs, 'NX')
    .pexpire(first, ttlMs, 'GT')
    .zadd(until, 'GT', decision.keepUntil, UNTIL);
  if (decision.keepForMs !== undefined) {
    transaction.zadd(until, 'GT', keepForScore(decision.keepForMs), KEEP_FOR);
  }
  transaction
    // A new key expires never, which counts as later than any time: NX is for that case.
    .pexpire(until, ttlMs, 'NX')
    .pexpire(until, ttlMs, 'GT')
    .get(first)
    .zmscore(until, UNTIL, KEEP_FOR);
  const replies = await execute(transaction);
  const [text, scores] = replies.slice(-2);
  return readDecision(text, scores) ?? decision;
}

/** In the order asked. Most sessions have none, and cost one key of one MGET. */
export async function readDecisions(
  redis: Redis,
  keys: RedisKeys,
  sessionIds: readonly string[],
): Promise<(Decision | undefined)[]> {
  if (sessionIds.length === 0) return [];
  const texts = await redis.mget(sessionIds.map((id) => keys.decision(id)));
  const decided = texts.flatMap((text, i) => (text === null ? [] : [i]));
  const out = new Array<Decision | undefined>(sessionIds.length).fill(undefined);
  if (decided.length === 0) return out;
  const pipeline = redis.pipeline();
  for (const i of decided) pipeline.zmscore(keys.keepUntil(sessionIds[i]!), UNTIL, KEEP_FOR);
  const scores = await execute(pipeline);
  decided.forEach((i, n) => (out[i] = readDecision(texts[i], scores[n])));
  return out;
}

/** Writes every link, then reads which of the traces have signals. */
export async function writeLinks(
  redis: Redis,
  keys: RedisKeys,
  links: readonly TraceLink[],
  ttlMs: number,
): Promise<JoinedSignal[]> {
  if (links.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const { traceId, sessionId } of links) {
    pipeline.set(keys.session(traceId), sessionId, 'PX', ttlMs);
  }
  for (const { traceId } of links) {
    pipeline.lrange(keys.signals(traceId), 0, -1);
    pipeline.lrange(keys.findings(traceId), 0, -1);
  }
  const replies = (await execute(pipeline)).slice(links.length);
  return links.flatMap((link, i) =>
    [...texts(replies[2 * i]), ...texts(replies[2 * i + 1])].flatMap((text) => {
      const signal = parseSignal(text);
      return signal === undefined ? [] : [{ ...link, signal }];
    }),
  );
}

/** Writes every signal, then reads which of the traces have a session. */
export async function writeSignals(
  redis: Redis,
  keys: RedisKeys,
  signals: readonly TraceSignal[],
  ttlMs: number,
): Promise<JoinedSignal[]> {
  if (signals.length === 0) return [];
  const byTrace = new Map<string, SharedSignal[]>();
  const lists = new Map<string, string[]>();
  for (const { traceId, signal } of signals) {
    add(byTrace, traceId, signal);
    const key = isFinding(signal) ? keys.findings(traceId) : keys.signals(traceId);
    add(lists, key, JSON.stringify(signal));
  }
  const pipeline = redis.pipeline();
  for (const [key, values] of lists) {
    pipeline.rpush(key, ...values);
    pipeline.ltrim(key, 0, MAX_SIGNALS_PER_TRACE - 1);
    pipeline.pexpire(key, ttlMs);
  }
  for (const traceId of byTrace.keys()) pipeline.get(keys.session(traceId));
  const replies = (await execute(pipeline)).slice(3 * lists.size);
  return [...byTrace].flatMap(([traceId, ofTrace], i) => {
    const sessionId = replies[i];
    return typeof sessionId === 'string'
      ? ofTrace.map((signal) => ({ traceId, sessionId, signal }))
      : [];
  });
}

function add<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [value]);
  else known.push(value);
}

/** Returns those that somebody has ended. */
export async function writeSightings(
  redis: Redis,
  keys: RedisKeys,
  sightings: readonly Sighting[],
  ttlMs: number,
): Promise<string[]> {
  if (sightings.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const { sessionId, time } of sightings) {
    const key = keys.presence(sessionId);
    pipeline.zadd(key, 'GT', time, SEEN).pexpire(key, ttlMs).zrem(key, ENDED);
  }
  const replies = await execute(pipeline);
  return sightings.flatMap(({ sessionId }, i) => (replies[3 * i + 2] === 1 ? [sessionId] : []));
}

/** Returns when each was last seen, in the order asked. */
export async function writeEndings(
  redis: Redis,
  keys: RedisKeys,
  endings: readonly Sighting[],
  ttlMs: number,
): Promise<(number | undefined)[]> {
  if (endings.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const { sessionId, time } of endings) {
    const key = keys.presence(sessionId);
    pipeline.zadd(key, time, ENDED).pexpire(key, ttlMs).zscore(key, SEEN);
  }
  const replies = await execute(pipeline);
  return endings.map((_, i) => {
    const score = replies[3 * i + 2];
    return typeof score === 'string' ? Number(score) : undefined;
  });
}

export async function writeOutcomes(
  redis: Redis,
  keys: RedisKeys,
  outcomes: readonly SharedOutcome[],
): Promise<void> {
  if (outcomes.length === 0) return;
  const pipeline = redis.pipeline();
  for (const { sessionId, outcome } of outcomes) {
    const key = keys.outcome(sessionId);
    const text = JSON.stringify(outcome);
    if (isPlain(outcome)) pipeline.set(key, text, 'PX', OUTCOME_TTL_MS, 'NX');
    else pipeline.set(key, text, 'PX', OUTCOME_TTL_MS);
  }
  await execute(pipeline);
}

/** In the order asked. */
export async function readOutcomes(
  redis: Redis,
  keys: RedisKeys,
  sessionIds: readonly string[],
): Promise<(Outcome | undefined)[]> {
  if (sessionIds.length === 0) return [];
  const found = await redis.mget(sessionIds.map((id) => keys.outcome(id)));
  return found.map((text) => (text === null ? undefined : parseOutcome(text)));
}

/** In the order asked. */
export async function readSessionsOf(
  redis: Redis,
  keys: RedisKeys,
  traceIds: readonly string[],
): Promise<(string | undefined)[]> {
  if (traceIds.length === 0) return [];
  const found = await redis.mget(traceIds.map((id) => keys.session(id)));
  return found.map((sessionId) => sessionId ?? undefined);
}

export async function writeErasure(
  redis: Redis,
  keys: RedisKeys,
  { subject, time }: Erasure,
): Promise<void> {
  await redis.set(keys.erased(subject), String(time), 'PX', ERASED_TTL_MS);
}

/** In the order asked. */
export async function readErased(
  redis: Redis,
  keys: RedisKeys,
  subjects: readonly string[],
): Promise<(number | undefined)[]> {
  if (subjects.length === 0) return [];
  const times = await redis.mget(subjects.map((subject) => keys.erased(subject)));
  return times.map((time) => (time === null ? undefined : Number(time)));
}

export async function writeWatch(redis: Redis, keys: RedisKeys, sessionId: string): Promise<void> {
  await redis.set(keys.watched(sessionId), '1', 'PX', WATCH_TTL_MS);
}

export async function readWatched(
  redis: Redis,
  keys: RedisKeys,
  sessionIds: readonly string[],
): Promise<string[]> {
  if (sessionIds.length === 0) return [];
  const flags = await redis.mget(sessionIds.map((id) => keys.watched(id)));
  return sessionIds.filter((_, i) => flags[i] !== null);
}

function readDecision(text: unknown, scores: unknown): Decision | undefined {
  const first = typeof text === 'string' ? parseDecision(text) : undefined;
  if (first === undefined || !Array.isArray(scores)) return first;
  const [until, keepFor] = (scores as unknown[]).map((score) =>
    typeof score === 'string' ? Number(score === 'inf' ? Infinity : score) : Number.NaN,
  );
  const keepForMs = keepFor === Infinity ? 0 : keepFor;
  return mergeDecisions(first, {
    ...first,
    ...(Number.isFinite(until) ? { keepUntil: until! } : {}),
    ...(Number.isFinite(keepForMs) ? { keepForMs: keepForMs! } : {}),
  });
}

/** For ever is longer than anything. */
const keepForScore = (keepForMs: number): number | string => (keepForMs === 0 ? '+inf' : keepForMs);

const texts = (reply: unknown): string[] =>
  Array.isArray(reply) ? reply.filter((item) => typeof item === 'string') : [];

/** All replies; throws the first error among them. */
async function execute(commands: ChainableCommander): Promise<unknown[]> {
  const results = await commands.exec();
  if (results === null) throw new Error('the transaction was not executed');
  return results.map(([error, reply]) => {
    if (error !== null) throw error;
    return reply;
  });
}
