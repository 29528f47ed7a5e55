/**
 * How most nodes are read: text, and elements of which rrweb asks nothing but attributes, scroll
 * positions, children, and what is entered into an `input`. It reads the same as rrweb's own walk does
 * (a test holds them equal), but makes no options for every node, no list of children and no attribute
 * nodes. All other nodes, and what is blocked, rrweb reads itself.
 */
import { isNative } from './native.js';
import type { RrwebInternals, SerializedNode, SerializeOptions } from './rrweb.js';

/** Of elements that can have a shadow root. */
const HOSTS =
  'article aside blockquote body div footer h1 h2 h3 h4 h5 h6 header main nav p section span';
const OTHERS =
  'a abbr address b br button caption center cite code col colgroup dd del details dfn dl dt em fieldset figcaption figure hr html i img input ins kbd label legend li mark ol output pre progress q s samp small strong sub summary sup svg table tbody td tfoot th thead time tr u ul var wbr circle defs ellipse g line path polygon polyline rect text tspan';
const setOf = (names: string): ReadonlySet<string> => new Set(names.split(' '));

/** In rrweb's mirror for nodes that are not recorded. */
const IGNORED = -2;

/** Attributes that rrweb makes something else of. */
const CHANGED = /^(src|href|xlink:href|background|srcset|style)$/;
/** `mixed`: not all in lower case. */
type AttributeKind = '' | 'changed' | 'mixed';

/** Whether there was an element of the page's own making among what was read; true where nobody looks. */
export const customElementsRead = { any: true };

type Getter<T> = (this: Node) => T;
type Asking<T> = (this: Element, asked: string) => T;
/** The DOM's own: what the page put on an element in their place is not run. */
interface ElementMethods {
  getAttributeNames: (this: Element) => string[];
  getAttribute: Asking<string | null>;
  matches: Asking<boolean>;
  querySelector: Asking<Element | null>;
}

type NodeReader = (node: Node, options: SerializeOptions) => SerializedNode | null;

/**
 * Returns what reads a node, and its children where `options.skipChild` does not forbid it, and
 * enters them into the mirror; null for one that is not recorded. Undefined where the page has put
 * something of its own in the place of the DOM's methods, which may hide what is there.
 */
export function createNodeReader(rrweb: RrwebInternals): NodeReader | undefined {
  const hosts = setOf(HOSTS);
  const plain = setOf(`${HOSTS} ${OTHERS}`);
  const of = <T>(owner: string, name: string): Getter<T> => rrweb.getter(owner, name) as Getter<T>;
  const nodeType = of<number>('Node', 'nodeType');
  const firstChild = of<Node | null>('Node', 'firstChild');
  const nextSibling = of<Node | null>('Node', 'nextSibling');
  const parentNode = of<Node | null>('Node', 'parentNode');
  const textContent = of<string | null>('Node', 'textContent');
  const { getAttributeNames, getAttribute, matches, querySelector } =
    Element.prototype as unknown as ElementMethods;
  const localName = getterOf(Element.prototype, 'localName') as Getter<string>;
  if (![getAttributeNames, getAttribute, matches, querySelector, localName].every(isNative)) {
    return undefined;
  }
  const kinds = new Map<string, AttributeKind>();
  customElementsRead.any = false;

  function kindOf(name: string): AttributeKind {
    let kind = kinds.get(name);
    if (kind === undefined) {
      // Somebody makes up names.
      if (kinds.size > 999) kinds.clear();
      kind = /[A-Z]/.test(name) ? 'mixed' : CHANGED.test(name) ? 'changed' : '';
      kinds.set(name, kind);
    }
    return kind;
  }

  /** Undefined: rrweb must read it. */
  function attributesOf(
    element: Element,
    tagName: string,
    doc: Document,
  ): Record<string, unknown> | undefined {
    const attributes: Record<string, unknown> = {};
    for (const name of getAttributeNames.call(element)) {
      const kind = kindOf(name);
      // Who asks for it in HTML, is told of another.
      if (kind === 'mixed' && !('ownerSVGElement' in element)) return undefined;
      const value = getAttribute.call(element, name)!;
      const changed = kind !== '' && (name !== 'style' || value.includes('url('));
      attributes[name] = changed
        ? rrweb.transformAttribute(doc, tagName, name.toLowerCase(), value)
        : value;
    }
    return attributes;
  }

  /** As rrweb numbers nodes: those above before those below. */
  function enter(node: Node, { mirror }: SerializeOptions): number {
    let id = mirror.nodeMetaMap.get(node);
    if (id === undefined) mirror.nodeMetaMap.set(node, (id = rrweb.genId()));
    if (id !== IGNORED) mirror.idNodeMap.set(id, node);
    return id;
  }

  function readText(
    node: Node,
    options: SerializeOptions,
    rootId: number | undefined,
  ): SerializedNode | null {
    const id = enter(node, options);
    if (id === IGNORED) return null;
    const text = textContent.call(node)!;
    return rootId === undefined
      ? { type: 3, textContent: text, id }
      : { type: 3, textContent: text, rootId, id };
  }

  /** @param blocks something at or below the node may be blocked */
  function read(
    node: Node,
    options: SerializeOptions,
    rootId: number | undefined,
    blocks: boolean,
  ): SerializedNode | null {
    const type = nodeType.call(node);
    if (type === 3) return readText(node, options, rootId);
    const tagName = type === 1 ? localName.call(node) : '';
    if (plain.has(tagName)) {
      const made = readPlain(node as Element, tagName, options, rootId, blocks);
      if (made) return made;
    } else customElementsRead.any ||= tagName.includes('-');
    return rrweb.serializeRareNode(node, options);
  }

  /** Undefined: rrweb must read it. */
  function readPlain(
    element: Element,
    tagName: string,
    options: SerializeOptions,
    rootId: number | undefined,
    blocks: boolean,
  ): SerializedNode | undefined {
    if (blocks && matches.call(element, options.blockSelector)) return undefined;
    const attributes = attributesOf(element, tagName, options.doc);
    if (!attributes) return undefined;
    if (tagName === 'input') rrweb.readField(element, tagName, attributes, options);
    if (!options.newlyAddedElement) {
      const { scrollLeft, scrollTop } = element;
      if (scrollLeft) attributes['rr_scrollLeft'] = scrollLeft;
      if (scrollTop) attributes['rr_scrollTop'] = scrollTop;
    }
    const owner = (element as Partial<SVGElement>).ownerSVGElement;
    // `svg:path` keeps its prefix.
    if (owner !== undefined && element.prefix) return undefined;
    const id = enter(element, options);
    if (id === IGNORED) return undefined;
    const childNodes: SerializedNode[] = [];
    const made = { type: 2, tagName, attributes, childNodes } as unknown as SerializedNode;
    if (owner || (tagName === 'svg' && owner === null)) made.isSVG = true;
    if (rootId !== undefined) made.rootId = rootId;
    made.id = id;
    const shadow = hosts.has(tagName) ? rrweb.shadowRoot(element) : null;
    if (shadow) {
      options.onSerialize?.(element);
      if (rrweb.isNativeShadowDom(shadow)) made.isShadowHost = true;
    }
    if (options.skipChild) return made;
    const below = optionsBelow(options);
    for (let child = firstChild.call(element); child; child = nextSibling.call(child)) {
      const one = read(child, below, rootId, blocks);
      if (one) childNodes.push(one);
    }
    if (shadow) readShadow(shadow, made, below);
    return made;
  }

  function readShadow(shadow: Node, host: SerializedNode, options: SerializeOptions): void {
    for (let child = firstChild.call(shadow); child; child = nextSibling.call(child)) {
      const made = readNode(child, options);
      if (made) host.childNodes!.push(made);
    }
  }

  function readNode(node: Node, options: SerializeOptions): SerializedNode | null {
    const type = nodeType.call(node);
    const parent = parentNode.call(node);
    const parentTag = (parent as Element | null)?.tagName;
    if (
      options.preserveWhiteSpace === false ||
      (type === 3 && (options.cssCaptured || parentTag === 'STYLE' || parentTag === 'SCRIPT'))
    )
      return rrweb.serializeRareNode(node, options);
    const blocks =
      type === 1 &&
      (options.skipChild ||
        matches.call(node as Element, options.blockSelector) ||
        querySelector.call(node as Element, options.blockSelector) !== null);
    const { doc, mirror } = options;
    const made = read(node, options, rrweb.getRootId(doc, mirror), blocks);
    if (made && rrweb.isShadowRoot(parent) && rrweb.isNativeShadowDom(parent)) made.isShadow = true;
    return made;
  }

  return readNode;
}

/** As rrweb hands them on: what is said of one node does not hold for those in it. */
function optionsBelow(options: SerializeOptions): SerializeOptions {
  return options.newlyAddedElement || options.cssCaptured
    ? { ...options, newlyAddedElement: false, cssCaptured: false }
    : options;
}

function getterOf(owner: object, name: string): unknown {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with an element
  return Object.getOwnPropertyDescriptor(owner, name)?.get;
}
