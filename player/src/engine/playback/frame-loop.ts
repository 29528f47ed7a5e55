/** Animation frames while something plays, and what need not be done in each of them. */

export class FrameLoop {
  readonly #onFrame: () => void;
  readonly #last = new Map<string, number>();
  #request: number | undefined;
  #now = 0;

  constructor(onFrame: () => void) {
    this.#onFrame = onFrame;
  }

  start(): void {
    this.#request ??= requestAnimationFrame(this.#frame);
  }

  stop(): void {
    if (this.#request !== undefined) cancelAnimationFrame(this.#request);
    this.#request = undefined;
  }

  /** True at most once in `intervalMs` for each name. */
  isDue(name: string, intervalMs: number): boolean {
    if (this.#now - (this.#last.get(name) ?? -Infinity) < intervalMs) return false;
    this.#last.set(name, this.#now);
    return true;
  }

  readonly #frame = (now: number): void => {
    this.#now = now;
    this.#request = requestAnimationFrame(this.#frame);
    this.#onFrame();
  };
}
