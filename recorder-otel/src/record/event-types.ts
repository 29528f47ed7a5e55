/** What rrweb's events are, apart from rrweb itself, so that late parts need not load it. */

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
/** Mouse move, touch move, drag. */
export const POINTER_MOVES: readonly unknown[] = [1, 6, 12];
export const INPUT = 5;
export const STYLE_SHEET_RULE = 8;
export const STYLE_DECLARATION = 13;
export const ADOPTED_STYLE_SHEET = 15;
/**
 * Mouse move and interaction, scroll, resize, touch, media, drag, selection, custom element names:
 * positions, times and node ids only.
 */
export const WITHOUT_TEXT: readonly unknown[] = [1, 2, 3, 4, 6, 7, 12, 14, 16];
