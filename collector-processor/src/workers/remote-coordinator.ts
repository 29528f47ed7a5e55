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
  seen: 'call',
  end: 'call',
  tellOutcomes: 'call',
  outcomes: 'call',
  sessionsOf: 'call',
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

/** Every request links traces, nobody waits for it, and each message wakes the supervisor. */
const GATHER_MS = 10;

export function createRemoteCoordinator(link: Link, service = 'coordinator'): Coordinator {
  const methods = link.remote<Coordinator>(service, COORDINATOR, {
    unavailable: (message) => new CoordinationUnavailableError(message),
  });
  return {
    name: 'memory',
    isShared: true,
    get isAvailable() {
      return link.isOpen;
    },
    ...methods,
    linkTraces: gather((links) => methods.linkTraces(links)),
    markSignals: gather((signals) => methods.markSignals(signals)),
  };
}

/** Calls that come within {@link GATHER_MS} become one. */
function gather<T>(
  call: (items: readonly T[]) => Promise<void>,
): (items: readonly T[]) => Promise<void> {
  let gathered: T[] = [];
  let calling: Promise<void> | undefined;
  return (items) => {
    gathered.push(...items);
    calling ??= new Promise<void>((resolve) => setTimeout(resolve, GATHER_MS)).then(() => {
      const all = gathered;
      gathered = [];
      calling = undefined;
      return call(all);
    });
    return calling;
  };
}
