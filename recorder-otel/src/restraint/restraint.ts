/** What keeps recording from being a burden, as those who record need to see it. */
import type { Admission } from './admission.js';
import type { Meter } from './meter.js';

export interface Restraint {
  readonly meter: Meter;
  readonly admission: Admission;
}
