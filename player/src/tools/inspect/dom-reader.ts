/**
 * Reads the replayed document, which is someone else's: a field named `childNodes` hides the
 * property of its form, so that everything is read by the DOM's own accessors.
 */

function reader<T>(prototype: object, name: string): (node: Node) => T {
  return (node) => Reflect.get(prototype, name, node) as T;
}

const dom = {
  type: reader<number>(Node.prototype, 'nodeType'),
  name: reader<string>(Node.prototype, 'nodeName'),
  value: reader<string | null>(Node.prototype, 'nodeValue'),
  parent: reader<Node | null>(Node.prototype, 'parentNode'),
  first: reader<Node | null>(Node.prototype, 'firstChild'),
  next: reader<Node | null>(Node.prototype, 'nextSibling'),
  owner: reader<Document | null>(Node.prototype, 'ownerDocument'),
  shadow: reader<ShadowRoot | null>(Element.prototype, 'shadowRoot'),
  frame: reader<Document | null>(HTMLIFrameElement.prototype, 'contentDocument'),
  documentElement: reader<Element | null>(Document.prototype, 'documentElement'),
  host: reader<Element | null>(ShadowRoot.prototype, 'host'),
};

const ELEMENT = 1;
const TEXT = 3;
const FRAGMENT = 11;

export function isElement(node: Node): node is Element {
  return dom.type(node) === ELEMENT;
}

export function isText(node: Node): boolean {
  return dom.type(node) === TEXT;
}

/** `div`, `#text`, `#shadow-root` */
export function nameOfNode(node: Node): string {
  return dom.type(node) === FRAGMENT ? '#shadow-root' : dom.name(node).toLowerCase();
}

export function textOfNode(node: Node): string {
  return (dom.value(node) ?? '').replace(/\s+/g, ' ').trim();
}

/** As it is, white space included. */
export function rawTextOf(node: Node): string {
  return dom.value(node) ?? '';
}

/** What the player and the replayer put into the page: states that no attribute had there. */
const ADDED_CLASSES: ReadonlySet<string> = new Set([':hover', 'rrweb-paused']);
const ADDED_ATTRIBUTES = 'data-replay-';

/** As the page had them. */
export function attributesOf(element: Element): [name: string, value: string][] {
  const names = Element.prototype.getAttributeNames.call(element);
  return names.flatMap((name): [string, string][] => {
    const value = Element.prototype.getAttribute.call(element, name) ?? '';
    if (name.startsWith(ADDED_ATTRIBUTES)) return [];
    if (name !== 'class') return [[name, value]];
    const all = value.split(/\s+/);
    const own = all.filter((one) => !ADDED_CLASSES.has(one));
    if (own.length === all.length) return [[name, value]];
    return own.some((one) => one !== '') ? [[name, own.join(' ')]] : [];
  });
}

/** What is shown below a node: elements, text that says something, shadow trees and frames. */
export function childrenOf(node: Node): Node[] {
  const children: Node[] = [];
  if (isElement(node)) {
    const shadow = dom.shadow(node);
    if (shadow !== null) children.push(shadow);
    const inner = documentIn(node);
    const root = inner === null ? null : dom.documentElement(inner);
    if (root !== null) children.push(root);
  }
  const isTop = nameOfNode(node) === 'html';
  for (let at = dom.first(node); at !== null; at = dom.next(at)) {
    if (isTop && nameOfNode(at) === 'style') continue; // The replayer's own.
    if (isElement(at) || (isText(at) && textOfNode(at) !== '')) children.push(at);
  }
  return children;
}

/** The node that shows this one, through shadow trees and frames; null at the top. */
export function parentOf(node: Node): Node | null {
  const parent = dom.parent(node);
  if (parent !== null && dom.type(parent) !== 9) return parent;
  if (dom.type(node) === FRAGMENT) return dom.host(node);
  const view = dom.owner(node)?.defaultView;
  const frame = view?.frameElement ?? null;
  // The frames of the player itself are no part of the page.
  return frame !== null && frame.closest('.replayer-wrapper') === null ? frame : null;
}

export function rootOf(page: Document): Element | null {
  return dom.documentElement(page);
}

export function isAttached(node: Node): boolean {
  const owner = dom.owner(node);
  return owner?.defaultView !== null && Node.prototype.contains.call(owner, node);
}

/** An element with nothing but a short text in it is shown on one line. */
export function onlyText(node: Node): string | undefined {
  const first = dom.first(node);
  if (first === null || dom.next(first) !== null || !isText(first)) return undefined;
  const text = textOfNode(first);
  return text.length <= 60 ? text : undefined;
}

function documentIn(element: Element): Document | null {
  try {
    return dom.name(element).toLowerCase() === 'iframe' ? dom.frame(element) : null;
  } catch {
    return null; // Not a frame, whatever it is called.
  }
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** In CSS pixels of the recorded window. */
export function boxOf(element: Element): Box {
  const { x, y, width, height } = Element.prototype.getBoundingClientRect.call(element);
  return { x, y, width, height };
}

/** In CSS pixels of the page that shows the player: frames and their scale counted in. */
export function boxOnScreen(element: Element): Box {
  let { x, y, width, height } = boxOf(element);
  let view = dom.owner(element)?.defaultView ?? null;
  while (view !== null && view !== window) {
    const frame = view.frameElement;
    if (frame === null) break;
    const outer = frame as HTMLElement;
    const rect = outer.getBoundingClientRect();
    const scale = outer.offsetWidth > 0 ? rect.width / outer.offsetWidth : 1;
    x = rect.x + (x + outer.clientLeft) * scale;
    y = rect.y + (y + outer.clientTop) * scale;
    width *= scale;
    height *= scale;
    view = view.parent as typeof view;
  }
  return { x, y, width, height };
}

const SHOWN_STYLES = [
  ...['display', 'position', 'color', 'background-color', 'font-family', 'font-size'],
  ...['font-weight', 'margin', 'border-width', 'padding', 'opacity', 'visibility', 'z-index'],
];

export function stylesOf(element: Element): [name: string, value: string][] {
  const styles = window.getComputedStyle(element);
  return SHOWN_STYLES.map((name) => [name, styles.getPropertyValue(name)]);
}

/** The element that is drawn at a place of the page that shows the player. */
export function elementAt(page: Document, x: number, y: number): Element | null {
  const root = rootOf(page);
  if (root === null) return null;
  const html = boxOnScreen(root);
  const own = boxOf(root);
  const scale = own.width > 0 ? html.width / own.width : 1;
  const inX = (x - html.x) / scale + own.x;
  const inY = (y - html.y) / scale + own.y;
  return Document.prototype.elementFromPoint.call(page, inX, inY);
}
