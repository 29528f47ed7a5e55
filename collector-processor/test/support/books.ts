/** The accounting invariant as Prometheus sees it, of a process that is under load. */
import { metricIn, type Processor } from './processor.js';

const PREFIX = 'otelcol_processor_session_replay_segments_';

/** What entered and what left or is held, from one scrape: the two must be equal. */
export interface Books {
  in: number;
  out: number;
}

export async function booksOf(processor: Processor): Promise<Books> {
  const text = await processor.scrape();
  const sum = (name: string, label?: string): number => metricIn(text, PREFIX + name, label);
  return {
    in: sum('received', 'outcome="accepted"') + sum('recovered'),
    out: sum('stored') + sum('dropped') + sum('buffered'),
  };
}

/** Looks at the books of all that run, again and again; `violations` stays empty. */
export class Auditor {
  readonly violations: Books[] = [];
  looks = 0;
  readonly #processors: () => readonly Processor[];
  #going = true;
  #running: Promise<void> | undefined;

  constructor(processors: () => readonly Processor[]) {
    this.#processors = processors;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#going = false;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#going) {
      for (const processor of this.#processors()) {
        // It may be killed meanwhile; then there are no books.
        const books = await booksOf(processor).catch(() => undefined);
        if (books === undefined) continue;
        this.looks++;
        if (books.in !== books.out) this.violations.push(books);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
