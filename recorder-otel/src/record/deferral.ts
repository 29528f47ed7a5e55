/**
 * Keeps rrweb's work on mutations out of the task that changed the page: records are held until
 * after the next frame, or until something else is recorded. rrweb then reads the DOM as it is, as
 * it does after one long task, so that what it records is the same. Loaded when recording begins;
 * until then rrweb works at once.
 */
import type { Guard } from '../guard.js';
import type { Restraint } from '../restraint/restraint.js';
import { createDoubt, type Doubt } from './doubt.js';
import type { DeferredObserver, Observers } from './observer.js';
import type { PrivacyPolicy } from './privacy.js';
import type { Mirror, RrwebEvent } from './rrweb.js';

/** Frames do not come in windows that are covered; slow ones need not be waited for. */
const LATEST_MS = 100;
/**
 * A page that was looked at so lately is looked at again after this: what is the same again in between
 * is done once, and a replay shows some ten pictures a second of a page that never rests.
 */
const PACE_MS = 100;
/** More than so many records and nodes are not put off, so that no task gets long. */
const MANY = 200;

export interface Deferral {
  /** Hands rrweb all that is held. */
  drain: () => void;
  /** Dates an event that comes out of what was held. */
  date(event: RrwebEvent): void;
  /** Whether a node changed while it may have been less visible than it is now. */
  isDoubtful: (node: Node) => boolean;
  stop(): void;
}

/** Given to who begins to record: the eager part does without the rest of this. */
export type BeginDeferral = (
  guard: Guard,
  policy: PrivacyPolicy,
  mirror: Mirror,
  observers: Observers,
) => Deferral;

/** Begins to hold what rrweb's observers are told. */
export function createDeferral(
  guard: Guard,
  policy: PrivacyPolicy,
  { meter, admission }: Restraint,
  mirror: Mirror,
  observers: Observers,
): Deferral {
  const waiting = new Set<DeferredObserver>();
  /** Where there are several trees: what was taken out of which. */
  const takenFrom = new Map<Node, DeferredObserver>();
  let doubt: Doubt = createDoubt(policy);
  let cancel: (() => void) | undefined;
  let heldAt = 0;
  let drainedAt = 0;
  /** Records and the nodes in them. */
  let held = 0;
  /** It waits for more. */
  let paced = false;
  /** Of the page's one tree: what was told of already, so that rrweb need not look at it again. */
  const told = new Map<string, Set<Node>>();
  let draining = false;
  let frameCount = window.length;

  function add(observer: DeferredObserver, all: MutationRecord[]): void {
    const records = collect(observer, all);
    if (records.length === 0 && !waiting.has(observer)) return;
    heldAt = Date.now();
    waiting.add(observer);
    if (isHurried() || comesFromElsewhere(observer, records)) drain();
    else if (!cancel || (paced && held > MANY)) {
      cancel?.();
      cancel = schedule();
    }
  }

  function schedule(): () => void {
    const restMs = drainedAt + PACE_MS - heldAt;
    // The clock may have been set back.
    paced = held <= MANY && restMs > 0 && restMs <= PACE_MS;
    if (!paced) return afterFrame(drain, admission.delayMs());
    // Something else that is recorded is likely to come first, and to have it done with no timer.
    const timer = setTimeout(drain, PACE_MS + admission.delayMs());
    return () => clearTimeout(timer);
  }

  /** rrweb reads what there is now: of what was there before, the first word says enough. */
  function isNew({ type, target, attributeName }: MutationRecord): boolean {
    if (type === 'childList' || observers.all.size > 1) return true;
    const name = attributeName ?? '';
    if (type === 'attributes' && name !== 'class' && name !== 'style') return true;
    const before = told.get(name);
    if (!before) told.set(name, new Set([target]));
    else if (before.has(target)) return false;
    else before.add(target);
    return true;
  }

  /** Returns those that are held from now on. */
  function collect(observer: DeferredObserver, all: MutationRecord[]): MutationRecord[] {
    if (all.length === 0) return all;
    const records = admission.filter(all).filter(isNew);
    if (records.length + waiting.size > 0) doubt.note(all);
    for (const { addedNodes } of records) held += 1 + addedNodes.length;
    observer.keep(records);
    if (observers.all.size > 1) {
      for (const { removedNodes } of records) {
        for (const node of removedNodes) takenFrom.set(node, observer);
      }
    }
    return records;
  }

  /** rrweb serialises frames when they load, beside its observers: they must not lag behind. */
  function isHurried(): boolean {
    const framesBefore = frameCount;
    frameCount = window.length;
    return (
      observers.documents() > 1 || frameCount !== framesBefore || !policy.isLocal || document.hidden
    );
  }

  /**
   * A node came from another tree, to which it may yet return: one after the other, then. Where the
   * browser has not told of the tree that it left, rrweb knows the node.
   */
  function comesFromElsewhere(
    observer: DeferredObserver,
    records: readonly MutationRecord[],
  ): boolean {
    if (observers.all.size < 2) return false;
    return records.some(({ addedNodes }) =>
      Array.prototype.some.call(addedNodes, (node: Node) => {
        const from = takenFrom.get(node);
        return from ? from !== observer : hasNode.call(mirror, node);
      }),
    );
  }

  function drain(): void {
    if (draining || waiting.size === 0) return;
    cancel?.();
    cancel = undefined;
    draining = true;
    const trees = gather();
    doubt.prepare();
    const allowed = admission.allows(trees.reduce((sum, { held }) => sum + held.length, 0));
    for (const observer of trees) {
      if (!allowed) observer.forget();
      meter.measure(() => guard.run('rrweb', () => observer.deliver()));
    }
    takenFrom.clear();
    told.clear();
    held = 0;
    drainedAt = heldAt;
    draining = false;
    doubt = createDoubt(policy);
  }

  /**
   * Those that have something to tell, in the browser's order, but trees into which nodes came from
   * other trees last. Else rrweb tells of a node that goes to a tree that was there before its own
   * first that it came and then that it went, by which players lose it.
   */
  function gather(): DeferredObserver[] {
    const collectAll = (those: Iterable<DeferredObserver>): void => {
      for (const observer of those) {
        if (collect(observer, observer.untold()).length > 0) waiting.add(observer);
      }
    };
    const isGiven = (observer: DeferredObserver): boolean =>
      comesFromElsewhere(observer, observer.held);
    // In the midst of a task, the page is already as its end tells: both are needed.
    collectAll([...waiting]);
    const trees = (): DeferredObserver[] => [...waiting].sort((a, b) => a.order - b.order);
    let found = trees();
    if (found.some(isGiven)) {
      collectAll(observers.all);
      found = trees();
      found = [false, true].flatMap((given) => found.filter((tree) => isGiven(tree) === given));
    }
    waiting.clear();
    return found;
  }

  const { getId, hasNode } = Object.getPrototypeOf(mirror) as Mirror;
  // An event of a node that was just added must find it.
  mirror.getId = (node) => {
    const id = getId.call(mirror, node);
    if (id !== -1 || waiting.size === 0) return id;
    drain();
    return getId.call(mirror, node);
  };
  // A frame that was loaded is about to be looked at: what went into it must have gone before.
  mirror.hasNode = (node) => {
    if (waiting.size > 0) drain();
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
