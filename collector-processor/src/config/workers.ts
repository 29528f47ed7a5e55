/** How many processes share the work of one configuration. */
import { availableParallelism } from 'node:os';
import * as z from 'zod';

const MAX_WORKERS = 64;
const HELP = `must be a whole number from 1 to ${MAX_WORKERS}, or auto`;

export const workersSchema = z
  .union([z.literal('auto'), z.int().min(1, HELP).max(MAX_WORKERS, HELP)], { error: HELP })
  .meta({ title: `1 to ${MAX_WORKERS}, or \`auto\`` })
  .prefault(1);

/** 1 is a single process without a supervisor. */
export function workerCount(workers: z.output<typeof workersSchema>): number {
  return workers === 'auto' ? Math.min(availableParallelism(), MAX_WORKERS) : workers;
}
