/** The address of the page, over Grafana's own history: its router is no part of its contract. */
import { locationService } from '@grafana/runtime';
import { useSyncExternalStore } from 'react';

export interface Address {
  pathname: string;
  search: string;
}

const subscribe = (changed: () => void) => locationService.getHistory().listen(changed);

export function useAddress(): Address {
  return useSyncExternalStore(subscribe, locationService.getLocation);
}

/** Changes the query of the address; empty values go. */
export function setSearch(values: Record<string, string | undefined>): void {
  const given = Object.entries(values).map(([name, value]) => [
    name,
    value === '' ? null : (value ?? null),
  ]);
  locationService.partial(Object.fromEntries(given));
}
