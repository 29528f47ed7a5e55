/** What the parts that are loaded late are given. */
import type { MetricsAPI } from '@opentelemetry/api';
import type { MaskingOptions } from '../record/privacy.js';
import type { Recording } from '../recording.js';
import type { RestraintOptions } from '../restraint/options.js';
import type { TriggerOptions } from '../trigger/options.js';
import type { observe } from './observe.js';
import type { CaptureOptions } from './options.js';

export interface LateParts {
  recording: Recording;
  options: RestraintOptions & {
    capture?: CaptureOptions;
    triggers?: TriggerOptions;
    masking?: MaskingOptions;
  };
  /** The page's address when recording began. */
  url: string;
  /** When that was, in milliseconds of `performance.now()`. */
  since: number;
  /** It is the first time in this document: what the browser measured before belongs to it. */
  first: boolean;
  /** Given, not imported: what only the eager part imports stays in one chunk with the page's own. */
  metrics: MetricsAPI;
  /** Requests that the page's own instrumentations do not see. */
  fetch: typeof globalThis.fetch;
  /** Given for the same reason: a chunk for both of its users would be one more for every page. */
  observe: typeof observe;
}
