/**
 * Draws over the page what the recorder sees of it. For development: it shows what a privacy officer
 * asks about. Styled through the CSSOM and built without markup, so that a strict content security
 * policy and Trusted Types allow it; in a closed shadow tree of a blocked element, so that it is not
 * recorded.
 */
import { listen } from '../listen.js';
import {
  BLOCKED,
  CONTENT,
  createPrivacyPolicy,
  policyNameOf,
  TEXT,
  UNMASKED,
  type PrivacyPolicy,
  type Visibility,
} from '../record/privacy.js';
import { isMedia } from '../record/attributes.js';
import { optionsOf, type MaskingSource } from './explain.js';

/** `never`: a password, card, code, hidden or file field, which nothing unmasks. */
export type OverlayKind = 'masked' | 'unmasked' | 'blocked' | 'ignored' | 'never';

export interface OverlayBox {
  element: Element;
  kind: OverlayKind;
  /** In CSS pixels of the viewport. */
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface OverlayOptions {
  /** Key that hides and shows it, with Alt and Shift; a `KeyboardEvent.code`. Default `KeyM`. */
  code?: string;
}

export interface MaskingOverlay {
  /** What is drawn now. */
  boxes(): readonly OverlayBox[];
  /** Hides or shows it. */
  toggle(): void;
  /** Takes it off the page for good. */
  remove(): void;
}

const COLOURS: Readonly<Record<OverlayKind, string>> = {
  unmasked: '#c2410c',
  masked: '#15803d',
  blocked: '#374151',
  ignored: '#7c3aed',
  never: '#1d4ed8',
};
const KINDS = Object.keys(COLOURS) as OverlayKind[];
/** More are not told apart, and a page must stay usable below them. */
const MAX_BOXES = 2000;

const CSS = `
:host { all: initial; position: fixed; left: 0; top: 0; width: 0; height: 0; z-index: 2147483647; }
div, span { position: fixed; box-sizing: border-box; pointer-events: none; font: 11px/1.3 system-ui, sans-serif; }
.box { border: 2px solid; border-radius: 2px; }
.box > span { position: absolute; right: -2px; top: -2px; padding: 0 3px; color: #fff; white-space: nowrap; }
.narrow > span { right: auto; left: 100%; }
${KINDS.map((kind) => `.${kind} { border-color: ${COLOURS[kind]}; } .${kind} > span, .legend .${kind} { background: ${COLOURS[kind]}; }`).join('\n')}
.unmasked { background: ${COLOURS.unmasked}22; } .ignored, .never { border-style: dashed; }
.blocked { background: repeating-linear-gradient(45deg, #37415155 0 6px, transparent 6px 12px); }
.legend { right: 8px; bottom: 8px; padding: 6px 8px; border-radius: 4px; background: #111827; color: #fff; }
.legend span { position: static; border: 0; margin-left: 6px; padding: 1px 5px; border-radius: 2px; color: #fff; }
`;

/**
 * Outlines everything that is masked, unmasked, blocked, ignored or never recorded, and keeps the
 * outlines where they belong while the page changes.
 *
 * @param source the processor, or its options; default: the processor that records this document,
 *   or else the default options
 * @throws what the recorder would refuse the options with
 */
export function showMaskingOverlay(
  source?: MaskingSource,
  { code = 'KeyM' }: OverlayOptions = {},
): MaskingOverlay {
  const { masking } = optionsOf(source);
  const policy = createPrivacyPolicy(masking);
  const host = document.createElement('div');
  host.setAttribute('data-replay-block', '');
  host.setAttribute('aria-hidden', 'true');
  const root = host.attachShadow({ mode: 'closed' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  root.adoptedStyleSheets = [sheet];
  let boxes: OverlayBox[] = [];
  let frame = 0;
  let shown = false;

  const draw = (): void => {
    frame = 0;
    if (!shown) return;
    boxes = findBoxes(policy, host);
    root.replaceChildren(...boxes.map(drawn), legend(policyNameOf(masking), boxes, code));
  };
  const refresh = (): void => {
    frame ||= requestAnimationFrame(draw);
  };
  const observer = new MutationObserver((records) => {
    if (records.some(({ target }) => target !== document.documentElement)) refresh();
  });
  function toggle(): void {
    shown = !shown;
    if (shown) {
      document.documentElement.append(host);
      draw();
      observer.observe(document, {
        attributes: true,
        characterData: true,
        childList: true,
        subtree: true,
      });
    } else {
      observer.disconnect();
      host.remove();
      boxes = [];
    }
  }
  const ends = [
    listen(window, 'scroll resize', refresh),
    listen(document, 'keydown', (event) => {
      const { altKey, shiftKey, code: pressed } = event as KeyboardEvent;
      if (altKey && shiftKey && pressed === code) toggle();
    }),
  ];
  toggle();
  return {
    boxes: () => boxes,
    toggle,
    remove: () => {
      if (shown) toggle();
      cancelAnimationFrame(frame);
      for (const end of ends) end();
    },
  };
}

/** What is worth a box: what holds text itself, is entered, is a picture, or is blocked. */
function findBoxes(policy: PrivacyPolicy, host: Element): OverlayBox[] {
  const boxes: OverlayBox[] = [];
  const known = new Map<Node, Visibility>();
  const look = (scope: Document | ShadowRoot, x: number, y: number): void => {
    for (const element of scope.querySelectorAll('*')) {
      if (boxes.length >= MAX_BOXES) return;
      if (element === host) continue;
      const kind = kindOf(element, policy, known);
      if (kind) boxes.push(...visible({ element, kind, ...placeOf(element, x, y) }));
      if (kind === 'blocked') continue;
      if (element.shadowRoot) look(element.shadowRoot, x, y);
      const inner = contentOf(element);
      if (inner) {
        const { left, top } = placeOf(element, x, y);
        look(inner, left + element.clientLeft, top + element.clientTop);
      }
    }
  };
  look(document, 0, 0);
  return boxes;
}

function kindOf(
  element: Element,
  policy: PrivacyPolicy,
  known: Map<Node, Visibility>,
): OverlayKind | undefined {
  const seen = policy.of(element, known);
  if (seen === BLOCKED) {
    const parent = policy.parentOf(element);
    // One box for all that is below it.
    return parent && policy.of(parent, known) === BLOCKED ? undefined : 'blocked';
  }
  const { localName } = element;
  if (/^(input|textarea|select)$/.test(localName)) {
    if (policy.isSecretInput(element)) return 'never';
    if (policy.isIgnored(element)) return 'ignored';
    return seen === UNMASKED ? 'unmasked' : 'masked';
  }
  if (isMedia(localName) || localName === 'canvas') return seen >= CONTENT ? 'unmasked' : 'masked';
  if (/^(script|style|noscript|template|title|option|head)$/.test(localName)) return undefined;
  const speaks = Array.from(element.childNodes).some(
    (node) => node.nodeType === 3 && /\S/.test(node.nodeValue ?? ''),
  );
  return speaks ? (seen >= TEXT ? 'unmasked' : 'masked') : undefined;
}

function placeOf(
  element: Element,
  x: number,
  y: number,
): Pick<OverlayBox, 'left' | 'top' | 'width' | 'height'> {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { left: left + x, top: top + y, width, height };
}

function visible(box: OverlayBox): OverlayBox[] {
  const { left, top, width, height } = box;
  const inside = left < innerWidth && top < innerHeight && left + width > 0 && top + height > 0;
  return width > 0 && height > 0 && inside ? [box] : [];
}

function contentOf(element: Element): Document | null {
  try {
    return (element as HTMLIFrameElement).contentDocument ?? null;
  } catch {
    return null;
  }
}

function drawn({ kind, left, top, width, height }: OverlayBox): Element {
  const box = document.createElement('div');
  // A name must not hide what it names.
  box.className = `box ${kind}${width < 200 ? ' narrow' : ''}`;
  Object.assign(box.style, {
    left: `${left}px`,
    top: `${top}px`,
    width: `${width}px`,
    height: `${height}px`,
  });
  // Most of a page is masked; what is not, or never is, has its name.
  if (kind !== 'masked') {
    const label = document.createElement('span');
    label.textContent = kind;
    box.append(label);
  }
  return box;
}

function legend(policy: string, boxes: readonly OverlayBox[], code: string): Element {
  const element = document.createElement('div');
  element.className = 'legend';
  element.append(`${policy} · Alt+Shift+${code.replace(/^Key/, '')}`);
  for (const kind of KINDS) {
    const item = document.createElement('span');
    item.className = kind;
    item.textContent = `${kind} ${boxes.filter((box) => box.kind === kind).length}`;
    element.append(item);
  }
  return element;
}
