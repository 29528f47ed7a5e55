/**
 * What the recorded person focused and pressed, shown by attributes that the rewritten CSS knows
 * (see sanitize/adapt-css.ts): real focus would take the keyboard from who watches. And popovers,
 * which only a call can open. A plugin of rrweb.
 */
import type { Replayer } from 'rrweb';
import { EVENT_TYPE, INTERACTION, SOURCE } from '../rrweb-events.js';
import { STATE_ATTRIBUTE } from '../sanitize/adapt-css.js';

/** Set by the recorder on a popover that is open. */
export const POPOVER_ATTRIBUTE = 'data-replay-popover';
/** Focus this soon after a click was given by its handler, not by the keyboard. */
const BY_POINTER_MS = 100;
/** Browsers show the focus of these however they got it. */
const TEXT_FIELDS =
  'textarea,select,[contenteditable]:not([contenteditable=false]),input:not([type=button],[type=submit],[type=reset],[type=checkbox],[type=radio],[type=range],[type=color],[type=file],[type=image])';

interface Interaction {
  source?: number;
  type?: number;
  id?: number;
  attributes?: { attributes?: Record<string, unknown> }[];
}

export class ElementStates {
  readonly plugin: { handler: (event: unknown, isSync: boolean) => void };
  #replayer: Replayer | undefined;
  #focused: number | undefined;
  #isFocusVisible = false;
  #pressed: number | undefined;
  #lastPointer = -Infinity;
  #marked: [Element, string][] = [];
  #isStale = false;
  #hovered = new Set<Node>();

  constructor() {
    this.plugin = {
      handler: (event, isSync) => {
        if (!isSync) this.#blur();
        if (!this.#take(event as { type: number; data: unknown; timestamp: number })) return;
        if (isSync) this.#isStale = true;
        else this.#show();
      },
    };
  }

  attach(replayer: Replayer): void {
    this.#replayer = replayer;
    // rrweb's own ends at the shadow root of what is pointed at (rrweb 2.2).
    (replayer as unknown as { hoverElements: (element: Element) => void }).hoverElements = (
      element,
    ) => this.#hover(element);
    replayer.on('flush', () => {
      this.#blur();
      if (this.#isStale) this.#show();
    });
  }

  /** True when something is to be shown differently. */
  #take({ type, data, timestamp }: { type: number; data: unknown; timestamp: number }): boolean {
    if (type === EVENT_TYPE.FULL_SNAPSHOT) return true;
    if (type !== EVENT_TYPE.INCREMENTAL) return false;
    const event = data as Interaction;
    if (event.source === SOURCE.MUTATION) {
      return (event.attributes ?? []).some(
        (change) => POPOVER_ATTRIBUTE in (change.attributes ?? {}),
      );
    }
    if (event.source !== SOURCE.MOUSE_INTERACTION) return false;
    switch (event.type) {
      case INTERACTION.MOUSE_DOWN:
        this.#pressed = event.id;
        this.#lastPointer = timestamp;
        return true;
      case INTERACTION.MOUSE_UP:
      case INTERACTION.CLICK:
      case INTERACTION.TOUCH_END:
        this.#pressed = undefined;
        this.#lastPointer = timestamp;
        return true;
      case INTERACTION.FOCUS:
        this.#focused = event.id;
        this.#isFocusVisible =
          this.#pressed === undefined && timestamp - this.#lastPointer > BY_POINTER_MS;
        return true;
      case INTERACTION.BLUR:
        if (this.#focused === event.id) this.#focused = undefined;
        return true;
      default:
        return false;
    }
  }

  #show(): void {
    this.#isStale = false;
    for (const [element, name] of this.#marked) element.removeAttribute(name);
    this.#marked = [];
    const focused = this.#element(this.#focused);
    if (focused !== undefined) {
      this.#mark(focused, STATE_ATTRIBUTE.focus);
      const isVisible = this.#isFocusVisible || focused.matches(TEXT_FIELDS);
      if (isVisible) this.#mark(focused, STATE_ATTRIBUTE['focus-visible']);
      this.#markUpwards(focused, STATE_ATTRIBUTE['focus-within']);
    }
    const pressed = this.#element(this.#pressed);
    if (pressed !== undefined) this.#markUpwards(pressed, STATE_ATTRIBUTE.active);
    this.#showPopovers();
  }

  /** A dialog that is opened takes the focus, here too: whose it was, the recording says. */
  #blur(): void {
    const active = this.#replayer?.iframe.contentDocument?.activeElement as HTMLElement | null;
    if (active != null && active !== active.ownerDocument.body) active.blur?.();
  }

  #hover(element: Element): void {
    for (const root of this.#hovered) {
      for (const before of (root as ParentNode).querySelectorAll('.\\:hover')) {
        before.classList.remove(':hover');
      }
    }
    this.#hovered = new Set();
    for (let at: Node | null = element; at !== null; at = parentOf(at)) {
      if (at.nodeType === 1) (at as Element).classList.add(':hover');
      if (at.parentNode === null) this.#hovered.add(at);
    }
  }

  #showPopovers(): void {
    const root = this.#replayer?.iframe.contentDocument;
    for (const element of root?.querySelectorAll<HTMLElement>('[popover]') ?? []) {
      const isOpen = element.matches(':popover-open');
      const wasOpen = element.getAttribute(POPOVER_ATTRIBUTE) === 'open';
      try {
        if (wasOpen && !isOpen) element.showPopover();
        else if (!wasOpen && isOpen) element.hidePopover();
      } catch {
        // not a popover any more
      }
    }
  }

  #element(id: number | undefined): Element | undefined {
    const node = id === undefined ? null : this.#replayer?.getMirror().getNode(id);
    return node?.nodeType === 1 ? (node as Element) : undefined;
  }

  #mark(element: Element, name: string): void {
    element.setAttribute(name, '');
    this.#marked.push([element, name]);
  }

  #markUpwards(element: Element, name: string): void {
    for (let at: Node | null = element; at !== null; at = parentOf(at)) {
      if (at.nodeType === 1) this.#mark(at as Element, name);
    }
  }
}

function parentOf(node: Node): Node | null {
  return node.parentNode ?? (node as Partial<ShadowRoot>).host ?? null;
}
