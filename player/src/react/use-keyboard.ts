import { useCallback, useEffect, type KeyboardEvent as ReactKeyboardEvent } from 'react';
import { useLatest } from './hooks.js';
import { keyAction, type KeyTargets } from './keyboard.js';

/** Listens on the page, or returns what the player's own element shall listen with. */
export function useKeyboard(
  targets: KeyTargets | undefined,
  scope: 'page' | 'focus',
): (event: ReactKeyboardEvent) => void {
  const latest = useLatest((event: KeyboardEvent): boolean => {
    const action = targets && keyAction(event, targets);
    if (action === undefined) return false;
    event.preventDefault();
    action();
    return true;
  });
  useEffect(() => {
    if (scope === 'focus') return undefined;
    const onKeyDown = (event: KeyboardEvent): void => void latest.current(event);
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [scope, latest]);
  return useCallback(
    (event) => {
      // The host's own shortcuts listen further out.
      if (scope === 'focus' && latest.current(event.nativeEvent)) event.stopPropagation();
    },
    [scope, latest],
  );
}
