/** Numbers of the rrweb 2 event format, as in `@rrweb/types`, and how to read it unseen. */

/** `type` of events. */
export const EVENT_TYPE = { FULL_SNAPSHOT: 2, INCREMENTAL: 3, META: 4, CUSTOM: 5 } as const;

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
  TOUCH_CANCEL: 10,
} as const;

/** `type` of serialized nodes. */
export const NODE = { DOCUMENT: 0, DOCUMENT_TYPE: 1, ELEMENT: 2, TEXT: 3 } as const;

export type Fields = Readonly<Record<string, unknown>>;

/** Undefined for anything but an object that is no array. */
export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;
}

/** The objects of a list; what is none counts with `onMiss`. */
export function listOf(value: unknown, onMiss: () => void): Fields[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    onMiss();
    return [];
  }
  const list: Fields[] = [];
  for (const item of value as unknown[]) {
    const fields = fieldsOf(item);
    if (fields === undefined) onMiss();
    else list.push(fields);
  }
  return list;
}

/** An id rrweb gives to nodes; undefined for anything else. */
export function idOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined;
}

/** In lower case; empty for what is no element. */
export function tagOf(data: Fields): string {
  const { type, tagName } = data;
  return type === NODE.ELEMENT && typeof tagName === 'string' ? tagName.toLowerCase() : '';
}
