/** Where the pointer is, what it presses, what has the focus, what is selected: the last of each. */
import { idOf, INTERACTION, SOURCE, type Fields } from './rrweb.js';

const { MOUSE_UP, MOUSE_DOWN, CLICK, FOCUS, BLUR, TOUCH_START, TOUCH_END, TOUCH_CANCEL } =
  INTERACTION;
const PLACES: ReadonlySet<unknown> = new Set([
  ...[MOUSE_UP, MOUSE_DOWN, CLICK, TOUCH_START, TOUCH_END],
]);

export class Pointer {
  #position: Fields | undefined;
  #pressed: Fields | undefined;
  #touch: Fields | undefined;
  #focus: Fields | undefined;
  #selection: Fields | undefined;

  moved(data: Fields): void {
    const positions = Array.isArray(data['positions']) ? (data['positions'] as unknown[]) : [];
    const last = positions.at(-1);
    if (typeof last !== 'object' || last === null) return;
    this.#position = { source: data['source'], positions: [{ ...last, timeOffset: 0 }] };
  }

  interacted(data: Fields): void {
    const { id, type, x, y } = data;
    if (idOf(id) === undefined) return;
    if (type === FOCUS) this.#focus = data;
    else if (type === BLUR) this.#focus = undefined;
    else if (type === MOUSE_DOWN) this.#pressed = data;
    else if (type === MOUSE_UP) this.#pressed = undefined;
    else if (type === TOUCH_START) this.#touch = data;
    else if (type === TOUCH_END || type === TOUCH_CANCEL) this.#touch = undefined;
    if (!PLACES.has(type)) return;
    const place = { x: x ?? 0, y: y ?? 0, id, timeOffset: 0 };
    this.#position = { source: SOURCE.MOUSE_MOVE, positions: [place] };
  }

  selected(data: Fields): void {
    this.#selection = data;
  }

  /** Data of events; those of nodes that are gone are left out. */
  *events(isThere: (id: unknown) => boolean): Generator<Fields> {
    if (this.#selection !== undefined) yield this.#selection;
    for (const data of [this.#focus, this.#pressed, this.#touch]) {
      if (data !== undefined && isThere(data['id'])) yield data;
    }
    const place = (this.#position?.['positions'] as { id?: unknown }[] | undefined)?.[0];
    if (place !== undefined && isThere(place.id)) yield this.#position!;
  }
}
