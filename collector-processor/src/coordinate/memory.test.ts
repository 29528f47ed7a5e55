import { coordinatorContract } from './contract.js';
import { createMemoryHub } from './memory.js';

coordinatorContract('memory', () => {
  let now = 1_700_000_000_000;
  const hub = createMemoryHub({ clock: { now: () => now }, decisionTtlMs: 600_000 });
  return {
    a: hub.connect(),
    b: hub.connect(),
    advance: (ms) => void (now += ms),
    decisionTtlMs: 600_000,
    traceTtlMs: 120_000,
    now: () => now,
  };
});
