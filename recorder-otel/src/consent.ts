/** Whether the page may be recorded at all. */
export interface ConsentOptions {
  /**
   * `required`: nothing is recorded and nothing stored until `grantConsent()`;
   * default `not_required`.
   */
  consent?: 'required' | 'not_required';
  /**
   * What Global Privacy Control and Do Not Track do; `honour` records nobody who sends one of them
   * unless `grantConsent()` is called. Default `honour`.
   */
  privacySignals?: 'honour' | 'ignore';
}
