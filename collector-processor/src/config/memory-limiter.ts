/** The Collector's `memory_limiter`, its keys and their meaning. */
import * as z from 'zod';
import { duration } from './scalars.js';

const mib = () => z.int().min(1, 'must be at least 1').optional();
const percentage = () =>
  z.number().gt(0, 'must be above 0').max(100, 'must be at most 100').optional();

export const memoryLimiterSchema = z.strictObject({
  check_interval: duration({ minMs: 10 }).prefault('1s').describe('How often memory is looked at.'),
  limit_mib: mib().describe(
    'Hard limit of the resident memory, in MiB: above it garbage is collected. It wins over `limit_percentage`.',
  ),
  spike_limit_mib: mib().describe(
    'The soft limit lies so far below the hard one: above it senders get 503. A fifth of the limit unless set.',
  ),
  limit_percentage: percentage().describe(
    'Hard limit as a share of the control group’s memory, or of the machine’s.',
  ),
  spike_limit_percentage: percentage().describe('`spike_limit_mib` as a share of the same.'),
});

export type MemoryLimiterConfig = z.output<typeof memoryLimiterSchema>;
