/**
 * What each component is doing: the Collector's component status. Ready when every one runs; one
 * that runs with trouble is still ready, because what it cannot do now waits on disk.
 */
import { systemClock, type Clock } from '../clock.js';

export type ComponentStatus = 'starting' | 'ok' | 'stopping' | 'stopped' | 'failed';

/** What a component that runs cannot do now. */
export interface Trouble {
  /** False: only an operator can mend it. */
  recoverable: boolean;
  /** What is wrong and what to do; nothing secret, nothing of users. */
  error: string;
}

/** In the Collector's words (component status). */
export type StatusWord =
  | 'StatusStarting'
  | 'StatusOK'
  | 'StatusRecoverableError'
  | 'StatusPermanentError'
  | 'StatusFatalError'
  | 'StatusStopping'
  | 'StatusStopped';

export interface ComponentState {
  status: StatusWord;
  error?: string;
  /** Since when, ISO 8601. */
  status_time: string;
}

const WORDS: Readonly<Record<ComponentStatus, StatusWord>> = {
  starting: 'StatusStarting',
  ok: 'StatusOK',
  stopping: 'StatusStopping',
  stopped: 'StatusStopped',
  failed: 'StatusFatalError',
};

/** The worst of several is that of the whole. */
const WORST: readonly StatusWord[] = [
  'StatusFatalError',
  'StatusStopping',
  'StatusStopped',
  'StatusStarting',
  'StatusPermanentError',
  'StatusRecoverableError',
  'StatusOK',
];

export class Health {
  readonly #clock: Clock;
  readonly #components = new Map<string, ComponentStatus>();
  readonly #watched = new Map<string, () => Trouble | undefined>();
  readonly #seen = new Map<string, { status: StatusWord; since: number }>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  set(component: string, status: ComponentStatus): void {
    this.#components.set(component, status);
    if (!this.#watched.has(component)) this.#note(component, WORDS[status]);
  }

  /** Asked whenever somebody wants to know; undefined: all is well. */
  watch(component: string, trouble: () => Trouble | undefined): void {
    this.#watched.set(component, trouble);
    if (!this.#components.has(component)) this.#note(component, 'StatusOK');
  }

  get ready(): boolean {
    return this.#components.size > 0 && [...this.#components.values()].every((s) => s === 'ok');
  }

  /** Of everything, the worst. */
  get status(): StatusWord {
    const all = Object.values(this.components).map(({ status }) => status);
    return WORST.find((word) => all.includes(word)) ?? 'StatusStarting';
  }

  /** What is wrong with the whole, the worst first; for whoever watches several processes. */
  get trouble(): Trouble | undefined {
    const all = Object.entries(this.components).flatMap(([name, { error, status }]) =>
      error === undefined
        ? []
        : [{ recoverable: status === 'StatusRecoverableError', error: `${name}: ${error}` }],
    );
    return all.find(({ recoverable }) => !recoverable) ?? all[0];
  }

  get components(): Record<string, ComponentState> {
    const out: Record<string, ComponentState> = {};
    for (const name of new Set([...this.#components.keys(), ...this.#watched.keys()])) {
      const status = this.#components.get(name) ?? 'ok';
      // One that is starting or stopping has no trouble yet, or none any more.
      const trouble = status === 'ok' ? this.#watched.get(name)?.() : undefined;
      if (trouble === undefined) {
        out[name] = this.#state(name, WORDS[status]);
      } else {
        const word = trouble.recoverable ? 'StatusRecoverableError' : 'StatusPermanentError';
        out[name] = { ...this.#state(name, word), error: trouble.error };
      }
    }
    return out;
  }

  #state(name: string, status: StatusWord): ComponentState {
    const since = this.#note(name, status);
    return { status, status_time: new Date(since).toISOString() };
  }

  #note(name: string, status: StatusWord): number {
    const seen = this.#seen.get(name);
    if (seen?.status === status) return seen.since;
    const since = this.#clock.now();
    this.#seen.set(name, { status, since });
    return since;
  }
}
