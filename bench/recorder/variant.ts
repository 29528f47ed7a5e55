import type { Received } from './sink.js';

/** A way to record a page: a module that sets `startRecorder`, and loading it starts nothing. */
export interface Variant {
  name: string;
  /** TypeScript. */
  source: string;
  /** Where its imports are; default: where the recorder's are. */
  resolveDir?: string;
  /** The same without recording; what it adds is the difference. */
  unrecorded?: string;
  peer: boolean;
  /** Requests that carry the recording, of all that the variant sends. */
  isReplay?: (request: Received) => boolean;
  /** What was recorded, as text in which every recorded element has a `"tagName"`. */
  decode?: (requests: Received[]) => string | Promise<string>;
  /** It must send nothing at all. */
  silent?: boolean;
}
