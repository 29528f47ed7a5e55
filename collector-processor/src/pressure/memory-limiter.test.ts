import { describe, expect, it } from 'vitest';
import { OverloadedError } from '../receive/sink.js';
import { createLogger } from '../telemetry/logger.js';
import { Metrics } from '../telemetry/metrics.js';
import { MemoryLimiter } from './memory-limiter.js';
import { availableMemory, memoryLimits } from './memory-limits.js';

const MIB = 1024 * 1024;
const KEY = 'processors.memory_limiter.limit_mib';

function limiter(options: { limitBytes?: number; collected?: () => number } = {}) {
  const world = { resident: 0, now: 0, collections: 0, lines: [] as string[] };
  const metrics = new Metrics();
  const memory = new MemoryLimiter(
    { limitBytes: 100 * MIB, spikeBytes: 20 * MIB, checkIntervalMs: 1000, key: KEY, ...options },
    {
      metrics,
      clock: { now: () => world.now },
      logger: createLogger({
        level: 'debug',
        encoding: 'json',
        write: (line) => void world.lines.push(line),
      }),
      resident: () => world.resident,
      collect: () => {
        world.collections++;
        world.resident = options.collected?.() ?? world.resident;
      },
    },
  );
  return { memory, metrics, world };
}

describe('the memory limiter', () => {
  it('refuses above the soft limit, with what was announced and what came since the last look', () => {
    const { memory, world } = limiter();
    world.resident = 70 * MIB;
    memory.check();
    memory.admit(10 * MIB);
    expect(() => memory.admit(10 * MIB + 1)).toThrow(OverloadedError);
    memory.note(8 * MIB);
    memory.admit(2 * MIB);
    expect(() => memory.admit(3 * MIB)).toThrow(/memory is short \(78 MiB of 80 MiB\)/);
    memory.check(); // what is in flight is resident by now
    memory.admit(10 * MIB);
    memory.note(-8 * MIB);
    memory.admit(10 * MIB);
    expect(memory.used).toBeCloseTo(70 / 80);
  });

  it('says so once, names the key, and says when it is over', () => {
    const { memory, world } = limiter();
    for (const mib of [70, 81, 90, 85, 79, 60]) {
      world.resident = mib * MIB;
      memory.check();
    }
    const messages = world.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(messages.map((m) => m['message'])).toEqual([
      'memory is short; requests are refused',
      'memory suffices again',
    ]);
    expect(messages[0]).toMatchObject({ limit: KEY, resident_mib: 81 });
  });

  it('collects garbage above the hard limit, ever more rarely while it frees little', () => {
    const { memory, metrics, world } = limiter({ collected: () => 109 * MIB });
    const at: number[] = [];
    for (world.now = 0; world.now < 100_000; world.now += 1000) {
      world.resident = 110 * MIB;
      const before = world.collections;
      memory.check();
      if (world.collections > before) at.push(world.now / 1000);
    }
    expect(at).toEqual([0, 20, 60]);
    const forced = 'otelcol_processor_session_replay_forced_collections';
    expect(metrics.value(forced)).toBe(3);
  });

  it('collects every ten seconds while that helps', () => {
    const { memory, world } = limiter({ collected: () => 50 * MIB });
    for (world.now = 0; world.now < 30_000; world.now += 1000) {
      world.resident = 110 * MIB;
      memory.check();
      if (world.now % 10_000 === 0) memory.admit(30 * MIB);
    }
    expect(world.collections).toBe(3);
  });

  it('measures this process and collects its garbage', async () => {
    const metrics = new Metrics();
    const memory = new MemoryLimiter(
      { limitBytes: 1, spikeBytes: 0, checkIntervalMs: 1_000_000, key: KEY },
      {
        metrics,
        clock: { now: () => 0 },
        logger: createLogger({ level: 'error', encoding: 'json' }),
      },
    );
    await memory.start();
    expect(() => memory.admit(0)).toThrow(OverloadedError);
    expect(metrics.value('otelcol_processor_session_replay_forced_collections')).toBe(1);
    expect(memory.used).toBeGreaterThan(10 * MIB);
    await memory.stop();
  });
});

describe('memory limits', () => {
  it('are MiB, or shares of the memory there is; the spike is a fifth by default', () => {
    expect(memoryLimits({ limitMib: 400, limitPercentage: 1 })).toEqual({
      limitBytes: 400 * MIB,
      spikeBytes: 80 * MIB,
    });
    expect(memoryLimits({ limitPercentage: 75, spikeLimitPercentage: 15 }, 1000)).toEqual({
      limitBytes: 750,
      spikeBytes: 150,
    });
    expect(memoryLimits({ limitPercentage: 50, spikeLimitMib: 3 }, 100 * MIB).spikeBytes).toBe(
      3 * MIB,
    );
  });

  it('are of the control group where it has a limit', () => {
    expect(availableMemory(500, 1000)).toBe(500);
    expect(availableMemory(0, 1000)).toBe(1000);
    expect(availableMemory(2 ** 64, 1000)).toBe(1000);
  });
});
