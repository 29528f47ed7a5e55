/** What the processor and the thread that folds say to each other; one fold at a time. */
import type { SyntheticCheckpoint } from './checkpoint.js';
import type { FoldOptions } from './fold.js';

export type ToThread =
  | { kind: 'begin'; fold: number; options: FoldOptions }
  | { kind: 'records'; fold: number; records: Uint8Array[] }
  | { kind: 'end'; fold: number };

export type FromThread =
  /** As many were taken up: more may be sent. */
  | { kind: 'taken'; fold: number; records: number }
  | { kind: 'checkpoint'; fold: number; checkpoint: SyntheticCheckpoint }
  | { kind: 'done'; fold: number }
  | { kind: 'failed'; fold: number; message: string };
