/** What was drawn, by canvas; a picture of the whole canvas makes what was drawn before it void. */
import { listOf, type Fields } from './rrweb.js';

const MAX_DRAWINGS = 20_000;

export class Drawings {
  readonly #all = new Map<number, Fields[]>();
  readonly #onMiss: () => void;
  #count = 0;

  constructor(onMiss: () => void) {
    this.#onMiss = onMiss;
  }

  apply(id: number, data: Fields): void {
    if (isWholePicture(data)) this.forget(id);
    if (this.#count >= MAX_DRAWINGS) return this.#onMiss();
    this.#count++;
    const own = this.#all.get(id);
    if (own === undefined) this.#all.set(id, [data]);
    else own.push(data);
  }

  forget(id: number): void {
    this.#count -= this.#all.get(id)?.length ?? 0;
    this.#all.delete(id);
  }

  *events(): Generator<Fields> {
    for (const own of this.#all.values()) yield* own;
  }
}

/** As rrweb records at a rate of frames: clear all, then draw one image. */
function isWholePicture(data: Fields): boolean {
  const [first, second] = listOf(data['commands'], () => undefined);
  return first?.['property'] === 'clearRect' && second?.['property'] === 'drawImage';
}
