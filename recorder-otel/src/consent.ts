/** Whether the page may be recorded at all. */
import { listen } from './listen.js';
import { WITHDRAWN_KEY } from './store/names.js';

export interface ConsentOptions {
  /**
   * `required`: nothing is recorded, stored, put on spans or sent until `grantConsent()`, in each
   * document anew; default `not_required`.
   */
  consent?: 'required' | 'not_required';
  /**
   * What Global Privacy Control and Do Not Track do; `honour` records nobody who sends one of them,
   * unless `grantConsent()` is called: what somebody says to you goes before what the browser says
   * to everyone. Default `honour`.
   */
  privacySignals?: 'honour' | 'ignore';
}

/**
 * `required`: waits for `grantConsent()`. `opted_out`: the browser sends Global Privacy Control or
 * Do Not Track, and nobody has called `grantConsent()`. Recorded is with `not_required` and
 * `granted` only.
 */
export type ConsentState = 'not_required' | 'required' | 'opted_out' | 'granted' | 'withdrawn';

/** Whether the user may still be recorded. */
export interface ConsentWatch {
  state(): ConsentState;
  /** Recorded is no more: what is held is discarded, what is stored removed. */
  end(state: 'withdrawn' | 'opted_out'): void;
}

/** Before the user has said anything in this document. */
export function initialConsent({ consent, privacySignals }: ConsentOptions): ConsentState {
  // Whatever it is, only the documented word means that nobody is to be asked.
  if (consent !== undefined && consent !== 'not_required') return 'required';
  return privacySignals !== 'ignore' && sendsPrivacySignal() ? 'opted_out' : 'not_required';
}

export const mayRecord = (consent: ConsentState): boolean =>
  consent === 'not_required' || consent === 'granted';

/** Tells the other tabs of the origin, and leaves nothing behind. */
export function tellWithdrawal(): void {
  localStorage.setItem(WITHDRAWN_KEY, '1');
  localStorage.removeItem(WITHDRAWN_KEY);
}

/** Calls back when another tab says so; returns how to stop. */
export function onWithdrawal(callback: () => void): () => void {
  return listen(window, 'storage', (event) => {
    const { key, newValue } = event as StorageEvent;
    if (key === WITHDRAWN_KEY && newValue) callback();
  });
}

export function sendsPrivacySignal(): boolean {
  const { globalPrivacyControl, doNotTrack } = navigator as Navigator & {
    globalPrivacyControl?: boolean;
  };
  return globalPrivacyControl === true || doNotTrack === '1';
}
