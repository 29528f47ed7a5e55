/**
 * What is recorded before the engine is there, which numbers, packs and sends it: a page must not
 * wait for that to be loaded, and its first moments must not be lost.
 */
import type { BeginDeferral } from './deferral.js';
import {
  recordPage,
  takeSnapshot,
  type PageRecorder,
  type PageRecorderOptions,
} from './recorder.js';
import type { RrwebEvent } from './rrweb.js';

/** What becomes of events. */
export interface EventSink {
  /** Sanitised events, in order. */
  onEvent: (event: RrwebEvent) => void;
  /** An event that could not be sanitised, and so was not recorded. */
  onDropped: () => void;
}

export interface Early {
  /** Of what is recorded here. */
  readonly sessionId: string | undefined;
  readonly previousId: string | undefined;
  readonly recordingId: string;
  readonly url: string;
  /** In `performance.now()`. */
  readonly since: number;
  /** Hands over what was recorded so far, and from here on everything; returns how to stop. */
  adopt(sink: EventSink, begin: BeginDeferral): () => void;
  /** Records nothing any more; what was recorded is kept. */
  stop(): void;
}

export interface EarlyOptions
  extends
    Omit<PageRecorderOptions, keyof EventSink>,
    Pick<Early, 'sessionId' | 'previousId' | 'recordingId'> {
  /** Characters of JSON that may wait. */
  maxChars: number;
  /** Something waits. */
  onWaiting: () => void;
}

/** As many wait without being measured: where the engine comes at once, measuring is not worth it. */
const FREE_EVENTS = 30;

export function recordEarly(options: EarlyOptions): Early {
  const { sessionId, previousId, recordingId, maxChars, onWaiting } = options;
  let waiting: RrwebEvent[] = [];
  let chars = 0;
  let dropped = 0;
  let full = false;
  let sink: EventSink = {
    onEvent: (event) => {
      onWaiting();
      if (waiting.length >= FREE_EVENTS) chars += JSON.stringify(event).length;
      // Nothing after it could be played either.
      full ||= chars > maxChars;
      if (full) dropped++;
      else waiting.push(event);
    },
    onDropped: () => void dropped++,
  };
  const recorder: PageRecorder = recordPage({
    ...options,
    onEvent: (event) => sink.onEvent(event),
    onDropped: () => sink.onDropped(),
  });
  let stopped = false;
  const stop = (): void => {
    // rrweb's own would end whatever is recorded by then.
    if (!stopped) recorder.stop();
    stopped = true;
  };
  return {
    sessionId,
    previousId,
    recordingId,
    url: location.href,
    since: performance.now(),
    adopt: (next, begin) => {
      const events = waiting;
      waiting = [];
      sink = next;
      for (; dropped > 0; dropped--) next.onDropped();
      for (const event of events) next.onEvent(event);
      if (!stopped) {
        recorder.defer(begin);
        if (full) takeSnapshot();
      }
      return stop;
    },
    stop,
  };
}
