/**
 * The observer class that rrweb uses: the browser's, until somebody holds what it tells. rrweb finds
 * its class through the global name, once; while it looks, it finds this one.
 */
import { isNative } from './native.js';

/** Keeps what the browser tells an observer. */
export type Hold = (observer: DeferredObserver, records: MutationRecord[]) => void;

const globals = globalThis as unknown as Record<string, object | undefined>;
const ZONE = 'Zone';
const OBSERVER = 'MutationObserver';

/** Without one observers are as they always were. */
let hold: Hold | undefined;
/** Of the browser, where zone.js or the page put another in its place. */
let Native: typeof MutationObserver;
let created = 0;
const observing = new Set<DeferredObserver>();
let documents = 0;

export class DeferredObserver implements MutationObserver {
  /** The browser calls observers in the order in which they were made. */
  readonly order = created++;
  held: MutationRecord[] = [];
  readonly #callback: MutationCallback;
  #native: MutationObserver | undefined;

  constructor(callback: MutationCallback) {
    this.#callback = callback;
  }

  observe(target: Node, options?: MutationObserverInit): void {
    this.#native ??= new Native((records) => {
      if (hold) hold(this, records);
      else this.#callback(records, this);
    });
    this.#native.observe(target, options);
    observing.add(this);
    if (target.nodeType === 9) documents++;
  }

  disconnect(): void {
    this.forget();
    this.#native?.disconnect();
    // rrweb keeps us for good.
    this.#native = undefined;
    observing.delete(this);
  }

  takeRecords(): MutationRecord[] {
    const records = this.held.concat(this.untold());
    this.forget();
    return records;
  }

  /** What the browser would tell at the end of the task. */
  untold(): MutationRecord[] {
    return this.#native?.takeRecords() ?? [];
  }

  keep(records: MutationRecord[]): void {
    for (const record of records) this.held.push(record);
  }

  forget(): void {
    this.held = [];
  }

  deliver(): void {
    const records = this.takeRecords();
    if (records.length > 0) this.#callback(records, this);
  }
}

/** All of a recording. */
export interface Observers {
  /** From here on what they are told is handed to `next`. */
  hold(next: Hold | undefined): void;
  /** One per tree: document, frame, shadow root. */
  all: ReadonlySet<DeferredObserver>;
  /** The page's own, and those of its frames. */
  documents(): number;
}

export const observers: Observers = {
  hold: (next) => void (hold = next),
  all: observing,
  documents: () => documents,
};

/**
 * rrweb takes a class whose code is the browser's, and none at all where zone.js is: it is not
 * there between the two questions, which are the only code that runs in between.
 */
export function withOurObserver<R>(run: () => R): R {
  created = documents = 0;
  observing.clear();
  const zone = globals[ZONE];
  const before = globals[OBSERVER];
  const native = (zone && globals['__zone_symbol__' + OBSERVER]) ?? before;
  if (!isNative(native)) return run();
  Native = native as typeof MutationObserver;
  const restoreZone = (): void => void (zone && (globals[ZONE] = zone));
  DeferredObserver.toString = () => {
    if (zone) globals[ZONE] = undefined;
    return '[native code]';
  };
  globals[OBSERVER] = {
    get prototype() {
      restoreZone();
      return DeferredObserver.prototype;
    },
  };
  try {
    return run();
  } finally {
    restoreZone();
    globals[OBSERVER] = before;
  }
}
