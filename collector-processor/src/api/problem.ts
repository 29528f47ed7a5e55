/** Errors of the replay API as RFC 9457 problem documents; each says what to do. */
import { STATUS_CODES } from 'node:http';
import type { NoReplayReason, Problem } from '@otel-replay/protocol';
import type { NotFound } from './reader.js';

/** Thrown anywhere in the API; answered as a problem document. */
export class ApiError extends Error {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    options: Pick<Problem, 'reason' | 'policies' | 'droppedBy' | 'limit'> & {
      headers?: Readonly<Record<string, string>>;
    } = {},
  ) {
    super(detail);
    this.name = 'ApiError';
    this.headers = options.headers ?? {};
    this.problem = {
      type: options.reason === undefined ? 'about:blank' : 'urn:session-replay:no-replay',
      title: options.reason === undefined ? (STATUS_CODES[status] ?? 'Error') : 'No replay',
      status,
      detail,
      ...(options.reason === undefined ? {} : { reason: options.reason }),
      ...(options.policies === undefined ? {} : { policies: options.policies }),
      ...(options.droppedBy === undefined ? {} : { droppedBy: options.droppedBy }),
      ...(options.limit === undefined ? {} : { limit: options.limit }),
    };
  }
}

const REASONS: Readonly<Record<NoReplayReason, string>> = {
  never_recorded:
    'Nothing recorded names it. Check the id, that the page has the recorder, and that the page sends to this processor.',
  sampled_out:
    'It was seen, but no policy wanted it. To keep such sessions, add a policy under processors.session_replay.policies.',
  shed: 'It was given up whole because the processor was under pressure; so were others, by a hash of their ids.',
  expired: 'It was kept, and its retention time is over.',
  deleted: 'It was deleted on request.',
  not_yet: 'It is being recorded and not readable yet. Try again in a few seconds.',
};

/** 404 with why there is no replay of `what`. */
export function noReplay(
  what: string,
  { reason, policies, droppedBy, limit }: Omit<NotFound, 'found'>,
): ApiError {
  const headers = reason === 'not_yet' ? { 'Retry-After': '2' } : {};
  const asked = policies === undefined ? '' : ` Asked were: ${policies.join(', ')}.`;
  const short = limit === undefined ? '' : ` Too small for the load was: ${limit}.`;
  const why =
    droppedBy === undefined
      ? REASONS[reason]
      : `It was seen, and policy "${droppedBy.policy}" dropped it: ${droppedBy.reason}.`;
  return new ApiError(404, `No replay of ${what}. ${why}${asked}${short}`, {
    reason,
    ...(droppedBy === undefined ? {} : { droppedBy }),
    ...(policies === undefined ? {} : { policies }),
    ...(limit === undefined ? {} : { limit }),
    headers,
  });
}
