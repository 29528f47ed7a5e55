/** Limits in bytes from what the configuration says of them. */
import { totalmem } from 'node:os';

export interface MemoryLimitSettings {
  limitMib?: number | undefined;
  spikeLimitMib?: number | undefined;
  /** Of the memory this process may have: its cgroup's, or the machine's. */
  limitPercentage?: number | undefined;
  spikeLimitPercentage?: number | undefined;
}

/** The spike is a fifth of the limit unless it is given; as in the Collector, MiB win. */
export function memoryLimits(
  settings: MemoryLimitSettings,
  availableBytes = availableMemory(),
): { limitBytes: number; spikeBytes: number } {
  const limitBytes = bytesOf(settings.limitMib, settings.limitPercentage, availableBytes) ?? 0;
  const spikeBytes =
    bytesOf(settings.spikeLimitMib, settings.spikeLimitPercentage, availableBytes) ??
    Math.floor(limitBytes / 5);
  return { limitBytes, spikeBytes };
}

/** The limit of the control group, where there is one, else the machine's memory. */
export function availableMemory(
  constrained: number = process.constrainedMemory(),
  total: number = totalmem(),
): number {
  return constrained > 0 && constrained < total ? constrained : total;
}

function bytesOf(
  mib: number | undefined,
  percentage: number | undefined,
  available: number,
): number | undefined {
  if (mib !== undefined) return mib * 1024 * 1024;
  return percentage === undefined ? undefined : Math.floor((available * percentage) / 100);
}
