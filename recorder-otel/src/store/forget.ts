/** Of what this package keeps in the browser nothing is left; whoever keeps something is named here. */
import type { Guard } from '../guard.js';
import { forgetConfig } from '../remote/cached.js';
import { DATABASE, FILES_KEY, HANDOVER_KEY, KEPT_KEY, WORKER_REFUSED_KEY } from './names.js';

export function forgetStored(guard: Guard): void {
  guard.run('forget', forgetConfig);
  for (const key of [HANDOVER_KEY, FILES_KEY, WORKER_REFUSED_KEY]) {
    guard.run('forget', () => sessionStorage.removeItem(key));
  }
  guard.run('forget', () => localStorage.removeItem(KEPT_KEY));
  guard.run('forget', () => indexedDB.deleteDatabase(DATABASE));
}
