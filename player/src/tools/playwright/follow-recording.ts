/** Reads the events of one recording (a page load in a tab) into the steps of its tab. */
import type { ReplayEvent } from '@otel-replay/protocol';
import { EVENT_TYPE, INTERACTION, SOURCE } from '../../engine/rrweb-events.js';
import { locatorOf } from '../page/locator.js';
import { isMasked, isSecretField } from '../page/masked.js';
import { PageTree, upwards, type PageNode } from '../page/page-tree.js';
import { roleOf } from '../page/roles.js';
import { samePage } from './addresses.js';
import type { TabDraft } from './draft.js';
import type { Parameters } from './parameters.js';
import type { Action, Answer, Value } from './steps.js';

const MOUSE_DOWN = 1;
const BLUR = 6;
const SCROLL_EFFECT_MS = 1500;
/** What comes this soon after an action comes of it, and not of scrolling in between. */
const CLOSE_MS = 2000;
/** Roles and tags of what is there to be used. */
const CONTROL =
  /^(button|link|checkbox|radio|switch|tab|option|menuitem\w*|treeitem|textbox|searchbox|combobox|listbox|slider|spinbutton)$/;
const CONTROL_TAG = /^(label|summary|input|select|textarea)$/;
const TYPED = /^(textbox|searchbox|spinbutton|combobox|slider)$/;

type Data = Record<string, unknown>;

export interface Follow {
  draft: TabDraft;
  parameters: Parameters;
  /** Unix milliseconds; what happened before only sets the scene. */
  from: number;
  onViewport: (viewport: { width: number; height: number }) => void;
}

export class RecordingFollower {
  readonly #o: Follow;
  readonly #tree = new PageTree();
  #arrived = false;
  #focused: unknown;
  #pressed: unknown;
  #scrolled: { x: number; y: number; time: number } | undefined;
  #size = '';

  constructor(options: Follow) {
    this.#o = options;
  }

  /** Events in order. */
  read(event: ReplayEvent): void {
    const { draft } = this.#o;
    const data = (event.data ?? {}) as Data;
    if (event.type === EVENT_TYPE.META) this.#meta(event.timestamp, data);
    else if (event.type === EVENT_TYPE.CUSTOM) {
      if (event.timestamp >= this.#o.from) this.#custom(event.timestamp, data);
    } else {
      const { texts } = this.#tree.apply(event);
      if (texts.length > 0) this.#scrollMattered(event.timestamp);
      draft.appeared(texts);
      if (event.type === EVENT_TYPE.INCREMENTAL && event.timestamp >= this.#o.from) {
        this.#incremental(event.timestamp, data);
      }
    }
    draft.lastTimestamp = Math.max(draft.lastTimestamp, event.timestamp);
  }

  end(): void {
    this.#o.draft.settle(this.#tree);
  }

  #meta(time: number, { href, width, height }: Data): void {
    const { draft } = this.#o;
    this.#resized(time, width, height);
    if (typeof href !== 'string') return;
    if (!this.#arrived) {
      this.#arrived = true;
      this.#arrive(Math.max(time, this.#o.from), href);
    } else if (draft.url !== undefined && !samePage(draft.url, href)) this.#navigated(time, href);
  }

  /** A page has been loaded: because of the last step, or by itself. */
  #arrive(time: number, url: string): void {
    const { draft } = this.#o;
    const cause = draft.causeOf(time);
    const isFirst = draft.url === undefined;
    const again = !isFirst && samePage(draft.url!, url);
    draft.url = url;
    if (isFirst) draft.push({ kind: 'goto', url }, time);
    else if (cause !== undefined && mayNavigate(cause.action.kind, cause.node, url)) {
      cause.leadsTo = url;
      cause.shows = []; // That was on the page before.
    } else if (again) draft.push({ kind: 'reload' }, time);
    else draft.push({ kind: 'goto', url }, time);
  }

  /** The address changed without a load. */
  #navigated(time: number, url: string): void {
    const { draft } = this.#o;
    const start = draft.steps[0];
    if (time < this.#o.from && start?.action.kind === 'goto') {
      start.action.url = url; // Before the test begins: that is where it begins.
    } else if (draft.url === undefined || !samePage(draft.url, url)) {
      const cause = draft.causeOf(time);
      if (cause !== undefined) cause.leadsTo = url;
      else this.#act({ kind: 'goto', url }, time);
    }
    draft.url = url;
  }

  #custom(time: number, { tag, payload }: Data): void {
    const said = (typeof payload === 'object' && payload !== null ? payload : {}) as Data;
    const { draft } = this.#o;
    if (tag === 'session_replay.navigation' && typeof said['url'] === 'string') {
      this.#navigated(time, said['url']);
    } else if (tag === 'session_replay.request') {
      const start = Number(said['start'] ?? time);
      this.#scrollMattered(start);
      const answer = answerOf(said);
      if (answer !== undefined) draft.answered(answer, start);
    } else if (tag === 'session_replay.error') {
      // With a trace it may be a span that failed: that is told by its request.
      if (typeof said['type'] === 'string' && said['traceId'] === undefined)
        draft.causeOf(time)?.errors.push(said['type']);
    }
  }

  #incremental(time: number, data: Data): void {
    switch (data['source']) {
      case SOURCE.MOUSE_INTERACTION:
        return this.#interaction(time, data);
      case SOURCE.INPUT:
        return this.#input(time, data);
      case SOURCE.SCROLL:
        if (this.#tree.node(data['id'])?.tag === '#root')
          this.#scrolled = { x: Number(data['x']), y: Number(data['y']), time };
        return;
      case SOURCE.VIEWPORT_RESIZE:
        return this.#resized(time, data['width'], data['height']);
      default:
        return;
    }
  }

  #interaction(time: number, { type, id, x, y }: Data): void {
    if (type === MOUSE_DOWN || type === INTERACTION.TOUCH_START) this.#pressed = id;
    else if (type === INTERACTION.FOCUS) this.#focused = id;
    else if (type === BLUR && this.#focused === id) this.#focused = undefined;
    else if (type === INTERACTION.CLICK) this.#click(time, id, x === 0 && y === 0);
    else if (type === INTERACTION.DOUBLE_CLICK) this.#doubleClick();
  }

  #click(time: number, id: unknown, isNowhere: boolean): void {
    const { draft } = this.#o;
    const hit = this.#tree.node(id);
    const { root } = this.#tree;
    if (hit === undefined || root === undefined || /^(#root|html|body)$/.test(hit.tag)) return;
    const control = controlOf(hit);
    const target = control ?? hit;
    const byKeyboard = isNowhere && this.#pressed !== id;
    this.#pressed = undefined;
    const before = draft.last;
    // A click on a label clicks on its field too.
    if (
      before?.action.kind === 'click' &&
      before.node?.tag === 'label' &&
      target.tag === 'input' &&
      time - before.time < 100
    ) {
      before.action.target = locatorOf(target, root);
      before.node = target;
      return;
    }
    const focused = this.#tree.node(this.#focused);
    if (
      byKeyboard &&
      focused !== undefined &&
      focused !== target &&
      TYPED.test(roleOf(focused) ?? (focused.tag === 'input' ? 'textbox' : ''))
    ) {
      this.#act({ kind: 'press', target: locatorOf(focused, root), key: 'Enter' }, time, focused);
      return;
    }
    if (target.tag === 'select') return; // Told by what was chosen.
    this.#act(
      { kind: 'click', target: locatorOf(target, root) },
      time,
      target,
      control !== undefined,
    );
  }

  /** It came after two clicks on the same element. */
  #doubleClick(): void {
    const { steps, last } = this.#o.draft;
    const before = steps.at(-2);
    if (last?.action.kind !== 'click') return;
    last.action.count = 2;
    if (before?.action.kind === 'click' && before.node === last.node) steps.splice(-2, 1);
  }

  #input(time: number, { id, text, isChecked }: Data): void {
    const { draft, parameters } = this.#o;
    const node = this.#tree.node(id);
    const { root } = this.#tree;
    if (node === undefined || root === undefined || typeof text !== 'string') return;
    const target = locatorOf(node, root);
    if (/^(checkbox|radio)$/i.test(node.attributes['type'] ?? '')) {
      // "Not checked" may be a mask; a click does the same as it did.
      if (isChecked !== true) return;
      if (draft.last?.node === node && draft.last.action.kind === 'click')
        draft.last.action = { kind: 'check', target };
      return;
    }
    const isTheirs = this.#focused === id || draft.last?.node === node;
    if (!isTheirs && node.tag !== 'select') return; // Set by the page itself.
    const hides = isSecretField(node) || isMasked(text);
    const value: Value = hides ? parameters.of(node, root, draft.url ?? '') : { known: text };
    const kind = node.tag === 'select' ? 'select' : 'fill';
    const last = draft.last;
    const goesOn =
      last?.node === node && (last.action.kind === kind || last.action.kind === 'click');
    if (goesOn) last.action = { kind, target, value };
    else this.#act({ kind, target, value }, time, node);
  }

  #resized(time: number, width: unknown, height: unknown): void {
    if (typeof width !== 'number' || typeof height !== 'number') return;
    const size = `${width}x${height}`;
    if (size === this.#size) return;
    const isFirst = this.#size === '';
    this.#size = size;
    const { draft } = this.#o;
    if (isFirst || time < this.#o.from) {
      if (draft.steps.length === 0) this.#o.onViewport({ width, height });
    } else if (draft.last?.action.kind === 'resize')
      draft.last.action = { kind: 'resize', width, height };
    else this.#act({ kind: 'resize', width, height }, time);
  }

  /** Something came that may have waited for the scrolling: then it belongs to the test. */
  #scrollMattered(time: number): void {
    const scrolled = this.#scrolled;
    if (scrolled === undefined || scrolled.time < this.#o.from) return;
    if (time < scrolled.time || time - scrolled.time > SCROLL_EFFECT_MS) return;
    const { x, y } = scrolled;
    this.#scrolled = undefined;
    const { last } = this.#o.draft;
    // What an action causes does not become what scrolling causes.
    if (last !== undefined && last.action.kind !== 'scroll' && scrolled.time - last.time < CLOSE_MS)
      return;
    this.#act({ kind: 'scroll', x, y }, scrolled.time);
  }

  #act(action: Action, time: number, node?: PageNode, isControl = true): void {
    const { draft } = this.#o;
    draft.settle(this.#tree);
    draft.push(action, time, node, isControl);
  }
}

/** What the person meant to use: the nearest control that the place they hit is in. */
function controlOf(hit: PageNode): PageNode | undefined {
  for (const at of upwards(hit)) {
    if (at.tag === '#root') return undefined;
    if (CONTROL_TAG.test(at.tag) || CONTROL.test(roleOf(at) ?? '')) return at;
  }
  return undefined;
}

function mayNavigate(kind: string, node: PageNode | undefined, url: string): boolean {
  if (!/^(click|press|select|check)$/.test(kind)) return false;
  const href = node?.tag === 'a' ? node.attributes['href'] : undefined;
  if (href === undefined || isMasked(href)) return true;
  // A link that leads elsewhere was not what loaded this page, unless it was redirected.
  return URL.canParse(href, url) ? !href.startsWith('#') : true;
}

function answerOf({ method, url, status, failed, aborted }: Data): Answer | undefined {
  if (typeof method !== 'string' || typeof url !== 'string' || aborted === true) return undefined;
  return {
    method: method.toUpperCase(),
    url,
    status: Number(status ?? 0),
    failed: failed === true,
  };
}
