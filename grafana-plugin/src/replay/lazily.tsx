/** What shows while a chunk is loaded, and when it cannot be. */
import { LoadingPlaceholder, ErrorBoundaryAlert } from '@grafana/ui';
import { Suspense, type ReactNode } from 'react';

export function Lazily({ children }: { children: ReactNode }) {
  return (
    <ErrorBoundaryAlert title="Session replay could not be loaded. Reload the page to try again.">
      <Suspense fallback={<LoadingPlaceholder text="Loading…" />}>{children}</Suspense>
    </ErrorBoundaryAlert>
  );
}
