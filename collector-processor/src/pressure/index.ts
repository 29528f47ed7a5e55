export {
  MemoryLimiter,
  type MemoryLimiterDeps,
  type MemoryLimiterOptions,
} from './memory-limiter.js';
export { memoryLimits, type MemoryLimitSettings } from './memory-limits.js';
