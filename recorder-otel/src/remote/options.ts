/** Whether the processor has a say in what is recorded. */
export interface RemoteOptions {
  /**
   * Asks the processor (`/v1/recorder-config` beside `url`, or the address given here) for sampling
   * rates, a canary share and whether to record at all; its answers go before the options here, and
   * without one recording goes on as it was. A stop takes effect at once, rates with the next page.
   * Default false.
   */
  remoteConfig?: boolean | string;
}
