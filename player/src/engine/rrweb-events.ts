/** Numbers of the rrweb 2 event format, which is what recordings hold (see `@rrweb/types`). */

export const EVENT_TYPE = {
  FULL_SNAPSHOT: 2,
  INCREMENTAL: 3,
  META: 4,
  CUSTOM: 5,
} as const;

/** `data.source` of incremental events. */
export const SOURCE = {
  MUTATION: 0,
  MOUSE_MOVE: 1,
  MOUSE_INTERACTION: 2,
  SCROLL: 3,
  VIEWPORT_RESIZE: 4,
  INPUT: 5,
  TOUCH_MOVE: 6,
  MEDIA: 7,
  STYLE_SHEET_RULE: 8,
  CANVAS: 9,
  FONT: 10,
  LOG: 11,
  DRAG: 12,
  STYLE_DECLARATION: 13,
  SELECTION: 14,
  ADOPTED_STYLE_SHEET: 15,
} as const;

/** `data.type` of mouse interactions. */
export const INTERACTION = {
  MOUSE_UP: 0,
  MOUSE_DOWN: 1,
  CLICK: 2,
  DOUBLE_CLICK: 4,
  FOCUS: 5,
  BLUR: 6,
  TOUCH_START: 7,
  TOUCH_END: 9,
} as const;

/** Sources that only a person causes. */
export const USER_SOURCES: ReadonlySet<number> = new Set([
  SOURCE.MOUSE_MOVE,
  SOURCE.MOUSE_INTERACTION,
  SOURCE.SCROLL,
  SOURCE.INPUT,
  SOURCE.TOUCH_MOVE,
  SOURCE.DRAG,
]);

/** Where an event has text: in a forged one it may be anything, of which rrweb would make text. */
export function recordedText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
