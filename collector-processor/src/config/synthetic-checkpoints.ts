/** What is made of recorded events so that playback can begin near any moment. */
import * as z from 'zod';
import { duration, size } from './scalars.js';

export const syntheticCheckpointsSchema = z.strictObject({
  enabled: z
    .boolean()
    .prefault(true)
    .describe('Without them a read begins at the recorded checkpoint, however far it lies back.'),
  interval: duration({ minMs: 1000 })
    .prefault('60s')
    .describe('How far a recorded checkpoint may lie back; beyond, one is made.'),
  timeout: duration({ minMs: 100, maxMs: 5 * 60_000 })
    .prefault('10s')
    .describe('What making one may take; then a read gets what was recorded.'),
  cache_size: size({ minBytes: 0 })
    .prefault('32MiB')
    .describe('Memory for those that were made, for who seeks again.'),
});
