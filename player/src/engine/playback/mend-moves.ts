/**
 * rrweb (2.2) without three faults it has about what moves. Each document and shadow tree tells of its
 * own changes, so that a node may arrive before it is told to leave: rrweb forgets the id of such a
 * node, and with it all that happens inside later; of one that changed meanwhile it shows the old one
 * too. The document of a frame that was put elsewhere is told of again: rrweb takes it for still there.
 */

/** A node of the page, or of the virtual DOM in which rrweb gathers changes while it seeks. */
interface ReplayedNode {
  readonly parentNode: ReplayedNode | null;
  readonly shadowRoot?: ReplayedNode | null;
  readonly contentDocument?: ReplayedNode | null;
  removeChild(child: ReplayedNode): unknown;
}

interface Serialized {
  id: number;
  type: number;
  tagName?: string;
  textContent?: string;
  attributes?: unknown;
  isSVG?: boolean;
}

interface Mirror {
  getNode(id: number): ReplayedNode | null;
  getMeta(node: ReplayedNode): Serialized | null;
  removeNodeFromMap(node: ReplayedNode): void;
}

interface Mutation {
  source?: number;
  removes: { id: number; parentId: number; isShadow?: boolean }[];
  adds: { parentId: number; node: Serialized }[];
  texts: unknown[];
  attributes: unknown[];
}

/** What is used of rrweb's Replayer, not all of which is public. */
export interface Mendable {
  readonly config: { useVirtualDom: boolean };
  readonly usingVirtualDom: boolean;
  readonly virtualDom: { mirror: Mirror };
  getMirror(): Mirror;
  applyMutation(mutation: Mutation, isSync: boolean): void;
}

/** Tests run it in pages by its source: it refers to nothing outside of it. */
export function mendMoves(replayer: Mendable): void {
  const DOCUMENT = 0;
  const apply = replayer.applyMutation.bind(replayer);
  const only = (removes: Mutation['removes']): Mutation => {
    return { source: 0, removes, adds: [], texts: [], attributes: [] };
  };
  const contentOf = ({ type, tagName, attributes, textContent, isSVG }: Serialized): string =>
    JSON.stringify([type, tagName, attributes, textContent, isSVG === true]);

  /** It was put elsewhere before it was told to leave. */
  const isStale = (mirror: Mirror, { id, parentId, isShadow }: Mutation['removes'][number]) => {
    const parent = mirror.getNode(parentId);
    const place = (isShadow === true ? parent?.shadowRoot : undefined) ?? parent;
    const now = mirror.getNode(id)?.parentNode;
    return now !== null && now !== undefined && now !== place;
  };

  /** rrweb takes the node it has for one that is told of again, if they are equal. */
  const forgetUnlessSame = (mirror: Mirror, { node, parentId }: Mutation['adds'][number]): void => {
    const old = mirror.getNode(node.id);
    const meta = old && mirror.getMeta(old);
    if (!old || !meta) return;
    const isDocument = node.type === DOCUMENT;
    const isSame = isDocument
      ? mirror.getNode(parentId)?.contentDocument === old
      : contentOf(meta) === contentOf(node);
    if (isSame) return;
    mirror.removeNodeFromMap(old);
    if (!isDocument) old.parentNode?.removeChild(old);
  };

  replayer.applyMutation = (mutation, isSync) => {
    // With the first change of a seek rrweb begins its virtual DOM.
    const begins = isSync && replayer.config.useVirtualDom && !replayer.usingVirtualDom;
    if (begins) apply(only([]), isSync);
    const mirror = replayer.usingVirtualDom ? replayer.virtualDom.mirror : replayer.getMirror();
    const removes = mutation.removes.filter((removal) => !isStale(mirror, removal));
    if (!mutation.adds.some(({ node }) => mirror.getNode(node.id) !== null)) {
      apply({ ...mutation, removes }, isSync);
      return;
    }
    apply(only(removes), isSync);
    for (const add of mutation.adds) forgetUnlessSame(mirror, add);
    apply({ ...mutation, removes: [] }, isSync);
  };
}
