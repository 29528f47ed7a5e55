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

interface RrwebRecord {
  (options: RecordOptions): (() => void) | undefined;
  takeFullSnapshot(isCheckout?: boolean): void;
  /** Tells at once of fields that were changed lately. Not where rrweb is as it was published. */
  tellFields?: () => void;
  /** When the last of them was changed, Unix milliseconds. */
  fieldsAt?: number;
  mirror: Mirror;
}

export const record = untyped as unknown as RrwebRecord;
