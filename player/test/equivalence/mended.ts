/**
 * rrweb without three faults it has about what moves. Each document and shadow tree tells of its own
 * changes, so that a node may arrive before it is told to leave: rrweb forgets the id of such a node,
 * and with it all that happens inside later; of one that changed meanwhile it shows the old one too.
 * The document of a frame that was put elsewhere is told of again: rrweb takes it for still there.
 */
import type { Mirror } from './structure.js';

interface MirrorOfReplay extends Mirror {
  getNode(id: number): Node | null;
  getMeta(node: Node): Serialized | null;
  removeNodeFromMap(node: Node): void;
}

interface Serialized {
  id: number;
  type: number;
  tagName?: string;
  textContent?: string;
  attributes?: unknown;
}

interface Mutation {
  removes: { id: number; parentId: number; isShadow?: boolean }[];
  adds: { parentId: number; node: Serialized }[];
  texts: unknown[];
  attributes: unknown[];
}

export interface Mendable {
  getMirror(): MirrorOfReplay;
  applyMutation(mutation: Mutation, isSync: boolean): void;
}

/** Runs in the browser. */
export function mendInPage(replayer: Mendable): void {
  const apply = replayer.applyMutation.bind(replayer);
  const mirror = replayer.getMirror();
  const isThere = ({ id, parentId, isShadow }: Mutation['removes'][number]): boolean => {
    const parent = mirror.getNode(parentId) as Element | null;
    const place = isShadow ? parent?.shadowRoot : parent;
    return place !== null && mirror.getNode(id)?.parentNode === place;
  };
  const contentOf = ({ tagName, attributes, textContent }: Serialized): string =>
    JSON.stringify([tagName, attributes, textContent]);
  replayer.applyMutation = (mutation, isSync) => {
    const nothing = { removes: [], adds: [], texts: [], attributes: [] };
    // One by one: whether it is there depends on those before.
    for (const removal of mutation.removes) {
      if (isThere(removal)) apply({ ...nothing, removes: [removal] }, isSync);
    }
    for (const { node, parentId } of mutation.adds) {
      const old = mirror.getNode(node.id);
      const meta = old && mirror.getMeta(old);
      if (!old || !meta) continue;
      const frame = mirror.getNode(parentId) as HTMLIFrameElement | null;
      const isDocument = node.type === 0;
      const isSame = isDocument
        ? frame?.contentDocument === old
        : contentOf(meta) === contentOf(node);
      if (isSame) continue;
      mirror.removeNodeFromMap(old);
      if (!isDocument) old.parentNode?.removeChild(old);
    }
    apply({ ...mutation, removes: [] }, isSync);
  };
}
