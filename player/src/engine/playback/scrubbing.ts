/** Seeks that come quicker than they can be shown: one is under way, and the newest of the others waits. */

/** Of a slow network a scrub need not wait for what it left. */
const PATIENCE_MS = 400;

export class Scrubbing {
  readonly #seek: (time: number) => Promise<void>;
  #waiting: number | undefined;
  #isMoving = false;

  /** @param seek to Unix milliseconds */
  constructor(seek: (time: number) => Promise<void>) {
    this.#seek = seek;
  }

  /** Where it goes next, Unix milliseconds. */
  get waiting(): number | undefined {
    return this.#waiting;
  }

  to(time: number): void {
    this.#waiting = time;
    if (!this.#isMoving) void this.#run();
  }

  /** The viewer went elsewhere since: what waits is older than that. */
  forget(): void {
    this.#waiting = undefined;
  }

  async #run(): Promise<void> {
    this.#isMoving = true;
    for (let next = this.#waiting; next !== undefined; next = this.#waiting) {
      this.#waiting = undefined;
      const seek = this.#seek(next).catch(() => undefined); // told by the state
      await Promise.race([seek, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
    }
    this.#isMoving = false;
  }
}
