import type { Signal } from './api.js';

/**
 * A request of the page that was answered with 4xx. By semantic convention its client span has
 * status ERROR, but a form refused or a picture missing is no failure of the application: it
 * neither keeps a session nor counts as an error of it.
 */
export function isBrowserClientError({ kind, origin, httpStatusCode = 0 }: Signal): boolean {
  return (
    kind === 'error_span' && origin === 'browser' && httpStatusCode >= 400 && httpStatusCode < 500
  );
}
