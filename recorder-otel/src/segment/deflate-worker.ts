/** A worker that compresses, and all the ways in which there is none. */
import { WORKER_REFUSED_KEY } from '../shared.js';
import type { Guard } from '../guard.js';
import { WORKER_SOURCE } from './worker-source.js';

export interface DeflateWorker {
  /**
   * Undefined when no worker can do it, now or from here on. The bytes are copied, not moved: they
   * are still needed if the worker fails or the page goes away.
   */
  deflate(raw: Uint8Array<ArrayBuffer>): Promise<Uint8Array | undefined>;
  /** Ends the worker; the next call begins another. */
  close(): void;
}

/** One that gives no sign of life was blocked by something that tells nobody. */
const ANSWER_MS = 10_000;

type Answer = MessageEvent<[id: number, packed?: Uint8Array]>;
type Waiting = (packed?: Uint8Array) => void;

export function createDeflateWorker(
  guard: Guard,
  workerUrl: string | false | undefined,
): DeflateWorker {
  const waiting = new Map<number, Waiting>();
  let id = 0;
  let worker: Worker | undefined;
  let blobUrl: string | undefined;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  let refused = workerUrl === false || (workerUrl === undefined && isBlobUnwelcome());

  function open(): Worker {
    if (workerUrl) blobUrl = undefined;
    else blobUrl = URL.createObjectURL(new Blob([WORKER_SOURCE], { type: 'text/javascript' }));
    const opened = new Worker(workerUrl || blobUrl!);
    opened.onmessage = guard.wrap('worker', ({ data: [of, packed] }: Answer) => {
      revoke();
      const answer = waiting.get(of);
      waiting.delete(of);
      watch();
      answer?.(packed);
    });
    opened.onerror = (event) => {
      event.preventDefault();
      refuse();
    };
    return opened;
  }

  function watch(): void {
    clearTimeout(watchdog);
    watchdog = waiting.size > 0 ? setTimeout(() => refuse(), ANSWER_MS) : undefined;
  }

  function refuse(error: unknown = new Error('no worker can be used, see option workerUrl')): void {
    refused = true;
    guard.report(error, 'worker');
    if (workerUrl === undefined) remember();
    close();
  }

  function close(): void {
    worker?.terminate();
    worker = undefined;
    revoke();
    const unanswered = [...waiting.values()];
    waiting.clear();
    watch();
    for (const answer of unanswered) answer();
  }

  function revoke(): void {
    if (blobUrl !== undefined) URL.revokeObjectURL(blobUrl);
    blobUrl = undefined;
  }

  return {
    deflate: (raw) =>
      new Promise((resolve) => {
        if (refused) {
          resolve(undefined);
          return;
        }
        waiting.set(++id, resolve);
        try {
          worker ??= open();
          worker.postMessage([id, raw]);
          watch();
        } catch (error) {
          refuse(error);
        }
      }),
    close,
  };
}

/**
 * There is no asking whether a worker from a blob is allowed: where it is not, trying is a
 * violation that the site's owner is told of. So it is not tried where there are signs of a policy.
 */
function isBlobUnwelcome(): boolean {
  try {
    return (
      sessionStorage.getItem(WORKER_REFUSED_KEY) !== null ||
      document.querySelector('[nonce],meta[http-equiv="content-security-policy" i]') !== null
    );
  } catch {
    // No storage: every page would try anew.
    return true;
  }
}

function remember(): void {
  try {
    sessionStorage.setItem(WORKER_REFUSED_KEY, '1');
  } catch {
    // Then the next page tries again.
  }
}
