/** Where the next page of a session list begins: behind the last session of this one. */
import { ContractError, type SessionSummary } from '@otel-replay/protocol';

export function encodeCursor(last: Pick<SessionSummary, 'firstTimestamp' | 'sessionId'>): string {
  return Buffer.from(`${last.firstTimestamp}:${last.sessionId}`).toString('base64url');
}

/** Throws ContractError `invalid`. */
export function decodeCursor(cursor: string): { firstTimestamp: number; sessionId: string } {
  const match = /^(\d+):(.+)$/s.exec(Buffer.from(cursor, 'base64url').toString());
  if (match === null) {
    throw new ContractError('invalid', 'cursor', 'is not one that a session list gave out');
  }
  return { firstTimestamp: Number(match[1]), sessionId: match[2]! };
}
