/** How texts and values lie in columns. */

/** PostgreSQL takes every character but NUL; no two texts become the same. */
export function text(value: string): string {
  return value.replace(/[\\\0]/g, (c) => (c === '\0' ? '\\0' : '\\\\'));
}

export function plain(value: string): string {
  return value.replace(/\\[\\0]/g, (c) => (c === '\\0' ? '\0' : '\\'));
}

/** As text, not `jsonb`, which refuses some strings and keeps no order; JSON holds no NUL. */
export function json(value: unknown): string {
  return JSON.stringify(value);
}

export function parse<T>(value: string): T {
  return JSON.parse(value) as T;
}
