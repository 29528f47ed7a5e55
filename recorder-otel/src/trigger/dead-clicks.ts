/**
 * Clicks on something clickable after which nothing happens. In doubt a click is alive: whatever
 * the page, its recording or the browser does within the window counts, and so does what a click
 * may do that no page can see (downloads, other programs, new tabs).
 */
import type { Recording } from '../recording.js';
import { count } from '../capture/count.js';
import { INCREMENTAL, listen, MOUSE_INTERACTION } from '../shared.js';
import { KIND_CLIENT } from './spans.js';
import { clickOf, placeOf, type Click } from './clicks.js';

const WINDOW_MS = 3000;
const MOUSE_DOWN = 1;
const TOUCH_START = 7;
/** Sources of rrweb events that only say where the pointer is. */
const POINTER: readonly unknown[] = [1, 6, 12];

const CLICKABLE =
  'a[href],button,summary,[onclick],[role=button],[role=link],[role=tab],[role=menuitem],[role=option],input[type=submit],input[type=button],input[type=image],input[type=reset]';
/** Their effect is outside of the page, or nowhere on purpose. */
const ELSEWHERE =
  'a[download],a[target]:not([target=_self],[target=""]),[disabled],[aria-disabled=true],[popovertarget],[commandfor]';

/** The element that a click is meant for, if something should come of it. */
export function clickable(node: Node | null): Element | undefined {
  const element = node instanceof Element ? node : node?.parentElement;
  const target = element?.closest(CLICKABLE);
  if (!target || target.matches(ELSEWHERE)) return undefined;
  // Mail, telephone and the like open another program.
  const { protocol = '' } = target as Partial<HTMLAnchorElement>;
  return /^((https?|javascript):)?$/.test(protocol) ? target : undefined;
}

export function watchDeadClicks(recording: Recording): () => void {
  const { guard, mirror } = recording;
  /** Menus open when the button goes down, before it is a click. */
  let pressedAt = 0;
  let changedAt = -1;
  let pending: { click: Click; target: Element; end: () => void } | undefined;
  const settle = (): void => {
    pending?.end();
    pending = undefined;
  };

  const begin = (click: Click): void => {
    const target = clickable(mirror.getNode(click.id ?? -1));
    // A second click on the same thing is the same disappointment.
    if (pending?.target === target) return;
    settle();
    if (!target || document.visibilityState !== 'visible') return;
    const href = location.href;
    // Also sees what is blocked or not recorded just now.
    const observer = new MutationObserver(settle);
    const options = { subtree: true, childList: true, attributes: true, characterData: true };
    observer.observe(target.getRootNode(), options);
    if (target.getRootNode() !== document) observer.observe(document, options);
    const alive =
      'scroll selectionchange focusin focusout input change submit visibilitychange copy';
    const timer = setTimeout(
      guard.wrap('dead click', () => {
        settle();
        if (location.href === href) tell(click);
      }),
      WINDOW_MS,
    );
    const ends = [
      () => observer.disconnect(),
      () => clearTimeout(timer),
      listen(document, alive, settle),
      listen(window, 'blur beforeprint pagehide hashchange popstate', settle),
    ];
    pending = { click, target, end: () => ends.forEach((end) => end()) };
  };

  const tell = (click: Click): void => {
    count(recording, 'deadClickCount');
    recording.mark('session_replay.dead_click', placeOf(click));
    recording.trigger({ name: 'dead_click' });
  };

  const stops = [
    recording.on('event', (event) => {
      const { type, data, timestamp } = event;
      const click = clickOf(event);
      if (click && changedAt < pressedAt) begin(click);
      else if (type === INCREMENTAL && isPress(data)) pressedAt = timestamp;
      else if (type === INCREMENTAL && !isPointer(data)) {
        changedAt = timestamp;
        settle();
      }
    }),
    recording.on('spanStart', ({ kind }) => {
      if (kind === KIND_CLIENT) settle();
    }),
    settle,
  ];
  return () => stops.forEach((stop) => stop());
}

/** Of a mouse button or a finger. */
function isPress({ source, type }: Record<string, unknown>): boolean {
  return source === MOUSE_INTERACTION && (type === MOUSE_DOWN || type === TOUCH_START);
}

function isPointer({ source }: Record<string, unknown>): boolean {
  return source === MOUSE_INTERACTION || POINTER.includes(source);
}
