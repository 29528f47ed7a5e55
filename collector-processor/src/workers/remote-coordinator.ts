/** The coordinator that the workers of one machine share: it lives in their supervisor. */
import { CoordinationUnavailableError, type Coordinator } from '../coordinate/index.js';
import type { Link, Wire } from './link.js';

export const COORDINATOR: Wire<Coordinator> = {
  start: 'call',
  stop: 'call',
  publish: 'call',
  decisions: 'call',
  linkTraces: 'call',
  markSignals: 'call',
  watch: 'call',
  watched: 'call',
  erase: 'call',
  erased: 'call',
  onErased: 'event',
  onWatch: 'event',
  onDecision: 'event',
  onJoined: 'event',
  onRecovered: 'event',
};

export function createRemoteCoordinator(link: Link, service = 'coordinator'): Coordinator {
  return {
    name: 'memory',
    isShared: true,
    get isAvailable() {
      return link.isOpen;
    },
    ...link.remote<Coordinator>(service, COORDINATOR, {
      unavailable: (message) => new CoordinationUnavailableError(message),
    }),
  };
}
