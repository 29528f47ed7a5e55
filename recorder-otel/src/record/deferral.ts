/**
 * Keeps rrweb's work on mutations out of the task that changed the page: records are held until
 * after the next frame, or until something else is recorded. rrweb then reads the DOM as it is, as
 * it does after one long task, so that what it records is the same.
 *
 * rrweb finds its observer class through the global name, once; while it looks, it finds ours.
 */
import type { Guard } from '../guard.js';
import type { Restraint } from '../restraint/restraint.js';
import { createDoubt, type Doubt } from './doubt.js';
import type { PrivacyPolicy } from './privacy.js';
import { record, type Mirror, type RrwebEvent } from './rrweb.js';

/** Frames do not come in windows that are covered; slow ones need not be waited for. */
const LATEST_MS = 100;

export interface Deferral {
  /** Runs `record`, whose observers, also later ones, are then deferred. */
  begin: <R>(record: () => R) => R;
  /** Hands rrweb all that is held. */
  drain: () => void;
  /** Dates an event that comes out of what was held. */
  date(event: RrwebEvent): void;
  /** Whether a node changed while it may have been less visible than it is now. */
  isDoubtful: (node: Node) => boolean;
  stop(): void;
}

/** Keeps what the browser tells an observer. */
type Hold = (observer: DeferredObserver, records: MutationRecord[]) => void;

const globals = globalThis as unknown as Record<string, object | undefined>;
const ZONE = 'Zone';
const OBSERVER = 'MutationObserver';

/** Of the recording under way; without one observers are as they always were. */
let hold: Hold | undefined;
/** Of the browser, where zone.js or the page put another in its place. */
let Native: typeof MutationObserver;
let created = 0;

class DeferredObserver implements MutationObserver {
  /** The browser calls observers in the order in which they were made. */
  readonly order = created++;
  readonly #callback: MutationCallback;
  #native: MutationObserver | undefined;
  #held: MutationRecord[] = [];

  constructor(callback: MutationCallback) {
    this.#callback = callback;
  }

  observe(target: Node, options?: MutationObserverInit): void {
    this.#native ??= new Native((records) => {
      if (hold) hold(this, records);
      else this.#callback(records, this);
    });
    this.#native.observe(target, options);
  }

  disconnect(): void {
    this.forget();
    this.#native?.disconnect();
    // rrweb keeps us for good.
    this.#native = undefined;
  }

  takeRecords(): MutationRecord[] {
    const records = this.#held.concat(this.untold());
    this.forget();
    return records;
  }

  /** What the browser would tell at the end of the task. */
  untold(): MutationRecord[] {
    return this.#native?.takeRecords() ?? [];
  }

  /** Returns how many are held. */
  keep(records: MutationRecord[]): number {
    this.#held = this.#held.concat(records);
    return this.#held.length;
  }

  forget(): void {
    this.#held = [];
  }

  hasTaken(node: Node): boolean {
    return this.#held.some(({ removedNodes }) =>
      Array.from(removedNodes).includes(node as ChildNode),
    );
  }

  deliver(): void {
    const records = this.takeRecords();
    if (records.length > 0) this.#callback(records, this);
  }
}

export function createDeferral(
  guard: Guard,
  policy: PrivacyPolicy,
  { meter, admission }: Restraint,
): Deferral {
  const waiting = new Set<DeferredObserver>();
  const { mirror } = record;
  const firstOrder = created;
  let doubt: Doubt = createDoubt(policy);
  let cancel: (() => void) | undefined;
  let heldAt = 0;
  let draining = false;

  function add(observer: DeferredObserver, told: MutationRecord[]): void {
    const records = admission.filter(told);
    if (records.length === 0) return;
    observer.keep(records);
    const crossed = comesFromElsewhere(observer, records);
    if (crossed) {
      // The others first.
      waiting.delete(observer);
      drain();
    }
    doubt.note(told);
    heldAt = Date.now();
    waiting.add(observer);
    if (crossed || !policy.isLocal || document.visibilityState === 'hidden') drain();
    else cancel ??= afterFrame(drain, admission.delayMs());
  }

  /**
   * A known node came from the tree of another observer, which must tell first that it went: with
   * several trees, the order of what happened is not that of the observers.
   */
  function comesFromElsewhere(observer: DeferredObserver, records: MutationRecord[]): boolean {
    if (created - firstOrder < 2) return false;
    for (const { addedNodes } of records) {
      for (const node of addedNodes) {
        if (mirror.hasNode(node) && !observer.hasTaken(node)) return true;
      }
    }
    return false;
  }

  function drain(): void {
    if (draining || waiting.size === 0) return;
    cancel?.();
    cancel = undefined;
    const observers = [...waiting].sort((a, b) => a.order - b.order);
    waiting.clear();
    draining = true;
    // In the midst of a task, the page is already as its end tells: both are needed.
    let count = 0;
    for (const observer of observers) {
      const told = observer.untold();
      doubt.note(told);
      count += observer.keep(admission.filter(told));
    }
    doubt.prepare();
    const allowed = admission.allows(count);
    for (const observer of observers) {
      if (!allowed) observer.forget();
      meter.measure(() => guard.run('rrweb', () => observer.deliver()));
    }
    draining = false;
    doubt = createDoubt(policy);
  }

  return {
    begin: (run) => {
      hold = add;
      const { getId } = Object.getPrototypeOf(mirror) as Mirror;
      // An event of a node that was just added must find it.
      mirror.getId = (node) => {
        const id = getId.call(mirror, node);
        if (id !== -1 || draining || waiting.size === 0) return id;
        drain();
        return getId.call(mirror, node);
      };
      return withOurObserver(run);
    },
    drain,
    date: (event) => {
      if (draining) event.timestamp = heldAt;
    },
    isDoubtful: (node) => draining && doubt.about(node),
    stop: () => {
      hold = undefined;
      delete (mirror as Partial<typeof mirror>).getId;
    },
  };
}

/** After the frame that shows what changed; returns how to cancel. */
function afterFrame(run: () => void, delayMs: number): () => void {
  let timer = setTimeout(run, LATEST_MS + delayMs);
  const frame = requestAnimationFrame(() => {
    clearTimeout(timer);
    timer = setTimeout(run, delayMs);
  });
  return () => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
  };
}

/**
 * rrweb takes a class whose code is the browser's, and none at all where zone.js is: it is not
 * there between the two questions, which are the only code that runs in between.
 */
function withOurObserver<R>(run: () => R): R {
  const zone = globals[ZONE];
  const before = globals[OBSERVER];
  const native = (zone && globals['__zone_symbol__' + OBSERVER]) ?? before;
  if (!native || !Function.prototype.toString.call(native).includes('[native code]')) return run();
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
