/**
 * Which changes of the page are looked at. A storm (more at once than the page's user should wait
 * for) is not recorded one by one: it is left out, and a checkpoint shows the result when it is over.
 */
import type { Meter } from './meter.js';

export interface AdmissionOptions {
  meter: Pick<Meter, 'level'>;
  /** A storm began; so many changes were waiting. */
  onStorm: (changes: number) => void;
  /** It is over: what was left out needs a checkpoint. */
  onCalm: () => void;
}

export interface Admission {
  /** Of the records of one task, those to hold. */
  filter: (records: MutationRecord[]) => MutationRecord[];
  /** Whether so many held records are to be processed; if not, they are to be forgotten. */
  allows(held: number): boolean;
  /** Milliseconds until they are processed, beyond the next frame. */
  delayMs(): number;
  stop(): void;
}

/** About 100 ms of rrweb's work on a slow phone. */
const STORM_RECORDS = 10_000;
const CALM_MS = 500;
/** A page that never rests is shown anew this often. */
const MAX_STORM_MS = 5000;
const SLOW_MS = 250;

export function createAdmission({ meter, onStorm, onCalm }: AdmissionOptions): Admission {
  let stormEnds = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function calm(): void {
    timer = undefined;
    stormEnds = 0;
    onCalm();
  }

  /** The storm goes on. */
  function rage(): void {
    clearTimeout(timer);
    timer = setTimeout(calm, Math.max(0, Math.min(CALM_MS, stormEnds - Date.now())));
  }

  return {
    filter: (records) => {
      if (timer !== undefined) rage();
      if (timer !== undefined || meter.level > 2) return [];
      if (meter.level < 2) return records;
      // rrweb must know of a password field that shows its text.
      return records.filter(
        ({ type, attributeName }) => type !== 'attributes' || attributeName === 'type',
      );
    },
    allows: (held) => {
      if (held <= STORM_RECORDS) return true;
      stormEnds = Date.now() + MAX_STORM_MS;
      rage();
      onStorm(held);
      return false;
    },
    delayMs: () => (meter.level > 0 ? SLOW_MS : 0),
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
