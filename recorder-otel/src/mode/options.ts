/** What leaves the browser, and when. Times in milliseconds, rates from 0 to 1. */
export interface ModeOptions {
  /**
   * Share of sessions that are sent from their start; default 1. Decided by the session's id, with
   * the processor's own hash, so that all pages and tabs of a session agree.
   */
  sessionSampleRate?: number;
  /**
   * Share of the other sessions that are recorded into a buffer in the browser, of which nothing
   * leaves until a trigger; default 1. The rest is not recorded.
   */
  errorSampleRate?: number;
  /** What is sent of the time before a trigger, at least; default 30000. */
  preRollMs?: number;
  /** What is sent of the time after the last trigger; default 30000. */
  postRollMs?: number;
  /**
   * What must happen before anything leaves the browser. `visible`: the page was in front once;
   * `interaction`: the user pressed, touched, typed or turned a wheel, or there was a trigger;
   * until then, what is recorded waits in memory. Default `visible`.
   */
  holdUntil?: 'nothing' | 'visible' | 'interaction';
}
