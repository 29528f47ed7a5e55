/** The bearer token of the replay API: in this tab only, and gone with it. */
const KEY = 'otel-replay.token';

export function readToken(): string | undefined {
  return sessionStorage.getItem(KEY) ?? undefined;
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}
