/**
 * Keeps rrweb's work on mutations out of the task that changed the page: records are held until
 * after the next frame, or until something else is recorded. rrweb then reads the DOM as it is, as
 * it does after one long task, so that what it records is the same. Loaded when the page has a
 * moment; until then rrweb works at once.
 */
import type { Guard } from '../guard.js';
import type { Restraint } from '../restraint/restraint.js';
import { createDoubt, type Doubt } from './doubt.js';
import type { DeferredObserver, Observers } from './observer.js';
import type { PrivacyPolicy } from './privacy.js';
import type { Mirror, RrwebEvent } from './rrweb.js';

/** Frames do not come in windows that are covered; slow ones need not be waited for. */
const LATEST_MS = 100;

export interface Deferral {
  /** Hands rrweb all that is held. */
  drain: () => void;
  /** Dates an event that comes out of what was held. */
  date(event: RrwebEvent): void;
  /** Whether a node changed while it may have been less visible than it is now. */
  isDoubtful: (node: Node) => boolean;
  stop(): void;
}

/** Begins to hold what rrweb's observers are told. */
export function createDeferral(
  guard: Guard,
  policy: PrivacyPolicy,
  { meter, admission }: Restraint,
  mirror: Mirror,
  observers: Observers,
): Deferral {
  const waiting = new Set<DeferredObserver>();
  let doubt: Doubt = createDoubt(policy);
  let cancel: (() => void) | undefined;
  let heldAt = 0;
  let draining = false;
  let frameCount = window.length;

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
    if (crossed || isHurried()) drain();
    else cancel ??= afterFrame(drain, admission.delayMs());
  }

  /** rrweb serialises frames when they load, beside its observers: they must not lag behind. */
  function isHurried(): boolean {
    const framesBefore = frameCount;
    frameCount = window.length;
    return (
      observers.documents() > 1 ||
      frameCount !== framesBefore ||
      !policy.isLocal ||
      document.visibilityState === 'hidden'
    );
  }

  /**
   * A known node came from the tree of another observer, which must tell first that it went: with
   * several trees, the order of what happened is not that of the observers.
   */
  function comesFromElsewhere(observer: DeferredObserver, records: MutationRecord[]): boolean {
    if (observers.count() < 2) return false;
    let taken: Set<Node> | undefined;
    for (const { addedNodes } of records) {
      for (const node of addedNodes) {
        if (hasNode.call(mirror, node) && !(taken ??= observer.taken()).has(node)) return true;
      }
    }
    return false;
  }

  function drain(): void {
    if (draining || waiting.size === 0) return;
    cancel?.();
    cancel = undefined;
    const inOrder = [...waiting].sort((a, b) => a.order - b.order);
    waiting.clear();
    draining = true;
    // In the midst of a task, the page is already as its end tells: both are needed.
    let count = 0;
    for (const observer of inOrder) {
      const told = observer.untold();
      doubt.note(told);
      count += observer.keep(admission.filter(told));
    }
    doubt.prepare();
    const allowed = admission.allows(count);
    for (const observer of inOrder) {
      if (!allowed) observer.forget();
      meter.measure(() => guard.run('rrweb', () => observer.deliver()));
    }
    draining = false;
    doubt = createDoubt(policy);
  }

  const { getId, hasNode } = Object.getPrototypeOf(mirror) as Mirror;
  // An event of a node that was just added must find it.
  mirror.getId = (node) => {
    if (getId.call(mirror, node) === -1) drain();
    return getId.call(mirror, node);
  };
  // A frame that was loaded is about to be looked at: what went into it must have gone before.
  mirror.hasNode = (node) => {
    drain();
    return hasNode.call(mirror, node);
  };
  observers.hold(add);

  return {
    drain,
    date: (event) => {
      if (draining) event.timestamp = heldAt;
    },
    isDoubtful: (node) => draining && doubt.about(node),
    stop: () => {
      drain();
      observers.hold(undefined);
      delete (mirror as Partial<Mirror>).getId;
      delete (mirror as Partial<Mirror>).hasNode;
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
