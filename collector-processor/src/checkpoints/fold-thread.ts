/** The thread that folds: inflating and reading minutes of events would hold up everybody else. */
import { parentPort } from 'node:worker_threads';
import { foldSegments } from './fold.js';
import type { FromThread, ToThread } from './messages.js';

const port = parentPort;
if (port === null) throw new Error('fold-thread runs as a worker thread only');

const say = (message: FromThread): void => port.postMessage(message);

/** Records of the fold under way, as they arrive. */
class Inbox implements AsyncIterable<Uint8Array> {
  readonly #fold: number;
  readonly #waiting: Uint8Array[][] = [];
  #hasEnded = false;
  #wake: (() => void) | undefined;

  constructor(fold: number) {
    this.#fold = fold;
  }

  put(records: Uint8Array[]): void {
    this.#waiting.push(records);
    this.#wake?.();
  }

  end(): void {
    this.#hasEnded = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const records = this.#waiting.shift();
      if (records !== undefined) {
        yield* records;
        say({ kind: 'taken', fold: this.#fold, records: records.length });
      } else if (this.#hasEnded) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

const inboxes = new Map<number, Inbox>();

port.on('message', (message: ToThread) => {
  const { fold } = message;
  if (message.kind === 'records') inboxes.get(fold)?.put(message.records);
  else if (message.kind === 'end') inboxes.get(fold)?.end();
  else void run(message);
});

async function run({ fold, options }: Extract<ToThread, { kind: 'begin' }>): Promise<void> {
  const inbox = new Inbox(fold);
  inboxes.set(fold, inbox);
  try {
    for await (const checkpoint of foldSegments(inbox, options)) {
      say({ kind: 'checkpoint', fold, checkpoint });
    }
    say({ kind: 'done', fold });
  } catch (error) {
    say({ kind: 'failed', fold, message: error instanceof Error ? error.message : String(error) });
  } finally {
    inboxes.delete(fold);
  }
}
