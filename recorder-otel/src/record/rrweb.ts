/**
 * What this package uses of rrweb, typed here: `@rrweb/record` 2.1.6 takes its types from `rrweb`,
 * which it does not install.
 */
import { record as untyped } from '@rrweb/record';
import type { RrwebEvent } from './event-types.js';

export type { RrwebEvent } from './event-types.js';
export {
  FULL_SNAPSHOT,
  INCREMENTAL,
  META,
  CUSTOM,
  MUTATION,
  MOUSE_INTERACTION,
  POINTER_MOVES,
  INPUT,
  STYLE_SHEET_RULE,
  STYLE_DECLARATION,
  ADOPTED_STYLE_SHEET,
  WITHOUT_TEXT,
} from './event-types.js';

/** A node of a snapshot. `type`: 0 document, 1 doctype, 2 element, 3 text, 4 CDATA, 5 comment. */
export interface SerializedNode {
  type: number;
  id: number;
  tagName?: string;
  isSVG?: boolean;
  attributes?: Record<string, unknown>;
  textContent?: string;
  childNodes?: SerializedNode[];
  rootId?: number;
  isShadowHost?: boolean;
  isShadow?: boolean;
}

export interface RecordOptions {
  emit: (event: RrwebEvent) => void;
  blockSelector?: string;
  maskInputOptions?: Record<string, boolean>;
  maskInputFn?: (text: string, element: HTMLElement) => string;
  maskTextSelector?: string;
  maskTextFn?: (text: string) => string;
  slimDOMOptions?: 'all' | boolean;
  sampling?: Record<string, unknown>;
  errorHandler?: (error: unknown) => boolean;
}

export interface Mirror {
  /** -1 for a node that is not recorded. */
  getId: (node: Node | null) => number;
  getNode(id: number): Node | null;
  hasNode: (node: Node) => boolean;
}

/** What rrweb hands from node to node as it reads a tree; there is more of it. */
export interface SerializeOptions {
  doc: Document;
  mirror: MirrorMaps;
  blockSelector: string;
  skipChild?: boolean;
  newlyAddedElement?: boolean;
  cssCaptured?: boolean;
  preserveWhiteSpace?: boolean;
  onSerialize?: (node: Node) => void;
}

/** How rrweb's mirror keeps ids. */
export interface MirrorMaps {
  readonly idNodeMap: Map<number, Node>;
  readonly nodeMetaMap: WeakMap<Node, number>;
}

/** What `scripts/lean-rrweb.ts` has rrweb show of itself. */
export interface RrwebInternals {
  genId: () => number;
  /** Of the DOM, as the browser made it, also where the page has put another in its place. */
  getter: (owner: string, name: string) => unknown;
  getRootId: (doc: Document, mirror: MirrorMaps) => number | undefined;
  isNativeShadowDom: (root: Node | null) => boolean;
  isShadowRoot: (node: Node | null) => boolean;
  /** What is entered into a field, masked, into `attributes`. */
  readField: (
    field: Element,
    tagName: string,
    attributes: Record<string, unknown>,
    options: SerializeOptions,
  ) => void;
  /** rrweb's own way to read a node; those in it are read by `serializeNode`. */
  serializeRareNode: (node: Node, options: SerializeOptions) => SerializedNode | null;
  shadowRoot: (element: Element) => ShadowRoot | null;
  transformAttribute: (doc: Document, tagName: string, name: string, value: string) => unknown;
}

interface RrwebRecord {
  (options: RecordOptions): (() => void) | undefined;
  takeFullSnapshot(isCheckout?: boolean): void;
  /** Tells at once of fields that were changed lately. Not where rrweb is as it was published. */
  tellFields?: () => void;
  /** When the last of them was changed, Unix milliseconds. */
  fieldsAt?: number;
  /** Not where rrweb is as it was published. */
  internals?: RrwebInternals;
  /** Reads nodes in place of rrweb. */
  serializeNode?: ((node: Node, options: SerializeOptions) => SerializedNode | null) | undefined;
  /** Closed shadow roots that it shall take for open ones, by their elements. */
  closedRoots?: WeakMap<Element, ShadowRoot>;
  mirror: Mirror;
}

export const record = untyped as unknown as RrwebRecord;
