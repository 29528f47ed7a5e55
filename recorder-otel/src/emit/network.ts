/** Whether the connection is one to send over. */
import { listen } from '../shared.js';
import type { OfflineOptions } from './offline.js';

/** Of the Network Information API, which Chromium has. */
type Connection = EventTarget & { saveData?: boolean; type?: string };

export interface Network {
  /** @param failing a browser that believes to be offline may be wrong, as long as sending works */
  isHeld(failing: boolean): boolean;
  stop(): void;
}

/** @param onChange another connection: what waits may be tried at once */
export function watchNetwork(policy: OfflineOptions['network'], onChange: () => void): Network {
  const { connection } = navigator as { connection?: Connection };
  const stops = [
    listen(window, 'online', onChange),
    connection && listen(connection, 'change', onChange),
  ];
  return {
    isHeld: (failing) =>
      (failing && !navigator.onLine) ||
      (policy === 'unmetered' && !!(connection?.saveData || connection?.type === 'cellular')),
    stop: () => {
      for (const stop of stops) stop?.();
    },
  };
}
