/**
 * What this package uses of rrweb, typed here: `@rrweb/record` 2.1.6 takes its types from `rrweb`,
 * which it does not install.
 */
import { record as untyped } from '@rrweb/record';

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

/** `type`: 0 DOMContentLoaded, 1 load, 2 full snapshot, 3 incremental, 4 meta, 5 custom, 6 plugin. */
export interface RrwebEvent {
  type: number;
  timestamp: number;
  data: Record<string, unknown>;
}

// Single constants, which bundlers replace by their values.
export const FULL_SNAPSHOT = 2;
export const INCREMENTAL = 3;
export const META = 4;
export const CUSTOM = 5;

/** `data.source` of an incremental event. */
export const MUTATION = 0;
export const MOUSE_INTERACTION = 2;
export const INPUT = 5;
export const STYLE_SHEET_RULE = 8;
export const STYLE_DECLARATION = 13;
export const ADOPTED_STYLE_SHEET = 15;
/**
 * Mouse move and interaction, scroll, resize, touch, media, drag, selection, custom element names:
 * positions, times and node ids only.
 */
export const WITHOUT_TEXT: readonly unknown[] = [1, 2, 3, 4, 6, 7, 12, 14, 16];

export interface RecordOptions {
  emit: (event: RrwebEvent) => void;
  blockSelector?: string;
  ignoreSelector?: string;
  maskInputOptions?: Record<string, boolean>;
  maskInputFn?: (text: string, element: HTMLElement) => string;
  slimDOMOptions?: 'all' | boolean;
  sampling?: Record<string, unknown>;
  errorHandler?: (error: unknown) => boolean;
}

interface Mirror {
  getNode(id: number): Node | null;
}

interface RrwebRecord {
  (options: RecordOptions): (() => void) | undefined;
  takeFullSnapshot(isCheckout?: boolean): void;
  mirror: Mirror;
}

export const record = untyped as unknown as RrwebRecord;
