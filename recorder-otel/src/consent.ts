/** Whether the page may be recorded at all. */
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

/** Before the user has said anything in this document. */
export function initialConsent({ consent, privacySignals }: ConsentOptions): ConsentState {
  // Whatever it is, only the documented word means that nobody is to be asked.
  if (consent !== undefined && consent !== 'not_required') return 'required';
  return privacySignals !== 'ignore' && sendsPrivacySignal() ? 'opted_out' : 'not_required';
}

export const mayRecord = (consent: ConsentState): boolean =>
  consent === 'not_required' || consent === 'granted';

function sendsPrivacySignal(): boolean {
  const { globalPrivacyControl, doNotTrack } = navigator as Navigator & {
    globalPrivacyControl?: boolean;
  };
  return globalPrivacyControl === true || doNotTrack === '1';
}
