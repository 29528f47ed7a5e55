/**
 * Pages that were frozen, put away or out of sight look again whether they may record: nobody could
 * tell them meanwhile. Loaded when recording begins.
 */
import type { PageHost } from './record/types.js';
import { listen, sendsPrivacySignal } from './shared.js';

export function watchConsent(
  { guard, session, consent }: PageHost,
  { privacySignals }: { privacySignals?: 'honour' | 'ignore' },
): void {
  const look = ({ type }: Event): void => {
    const state = consent.state();
    if (state !== 'granted' && state !== 'not_required') return;
    if (type === 'resume' && session.isForgotten()) consent.end('withdrawn');
    else if (state === 'not_required' && privacySignals !== 'ignore' && sendsPrivacySignal()) {
      consent.end('opted_out');
    }
  };
  listen(window, 'resume pageshow visibilitychange', guard.wrap('consent', look));
}
