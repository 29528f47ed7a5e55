/**
 * Popovers that are open. Nothing in the document says so, and rrweb does not look: an attribute that
 * the page does not have tells the player; other players show them closed, as they always did.
 */
import { FULL_SNAPSHOT, INCREMENTAL, listen, MUTATION } from '../shared.js';
import type { Recording } from '../recording.js';

const ATTRIBUTE = 'data-replay-popover';
/** Until then what was put into the page together with it is recorded. */
const SETTLE_MS = 100;

/** Returns how to stop. */
export function recordPopovers(recording: Recording): () => void {
  const { guard, mirror } = recording;
  const timers = new Set<ReturnType<typeof setTimeout>>();

  const tell = (element: Element): void => {
    const id = mirror.getId(element);
    if (id < 0 || !recording.isLive()) return;
    const value = element.matches(':popover-open') ? 'open' : null;
    recording.add({
      type: INCREMENTAL,
      timestamp: Date.now(),
      data: {
        ...{ source: MUTATION, texts: [], removes: [], adds: [] },
        attributes: [{ id, attributes: { [ATTRIBUTE]: value } }],
      },
    });
  };
  const soon = (ms: number, run: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      guard.run('popover', run);
    }, ms);
    timers.add(timer);
  };
  const tellAll = (): void => {
    for (const element of document.querySelectorAll('[popover]:popover-open')) tell(element);
  };

  // An element that opens dialogs or details tells the same.
  const stopToggles = listen(
    document,
    'toggle',
    guard.wrap('popover', ({ target }: Event) => {
      if (target instanceof HTMLElement && target.popover) soon(SETTLE_MS, () => tell(target));
    }),
  );
  // A checkpoint shows them closed.
  const stopSnapshots = recording.on('event', ({ type }) => {
    if (type === FULL_SNAPSHOT) soon(0, tellAll);
  });
  soon(0, tellAll);
  return () => {
    stopToggles();
    stopSnapshots();
    timers.forEach(clearTimeout);
  };
}
