/** Runs in the pages: what a person sees of a document, by rrweb's ids. */

/** `[x, y, width, height, text or value, seven styles]`; of a text only the text. */
export type Described = Record<string, readonly (string | number)[]>;

const STYLES = [
  'color',
  'backgroundColor',
  'fontSize',
  'fontFamily',
  'fontWeight',
  'display',
  'opacity',
] as const;

/** @param ids of the nodes to describe; all that have one where it is left out */
export function describeNodes(nodes: Iterable<[number, Node]>): Described {
  const found: Described = {};
  for (const [id, node] of nodes) {
    const described = node.nodeType === 3 ? ofText(node) : ofElement(node);
    if (described !== undefined) found[id] = described;
  }
  return found;
}

function ofText(node: Node): readonly string[] | undefined {
  const text = (node.textContent ?? '').trim();
  const parent = node.parentElement;
  const isShown =
    text !== '' &&
    parent !== null &&
    !/^(STYLE|SCRIPT|TITLE|TEMPLATE|TEXTAREA)$/i.test(parent.tagName);
  return isShown && parent.getClientRects().length > 0 ? [text] : undefined;
}

function ofElement(node: Node): readonly (string | number)[] | undefined {
  const view = node.ownerDocument?.defaultView;
  if (node.nodeType !== 1 || view === null || view === undefined) return undefined;
  const element = node as HTMLElement;
  const { x, y, width, height } = element.getBoundingClientRect();
  if (width === 0 || height === 0) return undefined;
  const style = view.getComputedStyle(element);
  const { value, checked } = element as HTMLInputElement;
  const isChoice = /^(checkbox|radio)$/.test((element as HTMLInputElement).type);
  const said = isChoice ? String(checked) : typeof value === 'string' ? value : '';
  return [x, y, width, height, said, ...STYLES.map((name) => style[name])];
}

/** Every node of a document that is shown, its shadow trees and frames included. */
export function* allNodes(root: Node): Generator<Node> {
  yield root;
  for (const child of root.childNodes) yield* allNodes(child);
  const { shadowRoot, contentDocument } = root as Element & HTMLIFrameElement;
  if (shadowRoot) yield* allNodes(shadowRoot);
  if (contentDocument) yield* allNodes(contentDocument);
}
