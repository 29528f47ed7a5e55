/**
 * kill -9 again and again, at any moment: under load, and while it still takes up what the last run
 * left. Windows are so long that nothing grows old: what is kept of a session is all of it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Auditor, booksOf, type Books } from './books.js';
import { spawnProcessor, type Processor } from './processor.js';
import { storedSegments } from './stored-segments.js';
import { Visitors } from './visitors.js';

export interface KillLoopOptions {
  /** Configuration, journal and store. */
  directory: string;
  kills: number;
  /** Run what `npm run build` made. */
  built?: boolean;
  /** 0 <= x < 1 */
  random: () => number;
  /** How long what is kept may take to be stored in the end. */
  patienceMs: number;
  /** Called with each process; the last one is left running. */
  onSpawn(processor: Processor): void;
}

export interface KillLoopOutcome {
  /** Segments of sessions with an error that were answered with 200. */
  acknowledged: number;
  /** Those of them that are not in the store. */
  missing: string[];
  /** Segments that are in the store twice. */
  twice: string[];
  /** Sessions without an error of which something is in the store. */
  unwanted: string[];
  /** Segments that later runs found in the journal. */
  recovered: number;
  /** Of all scrapes, those whose two sides differ. */
  violations: Books[];
  scrapes: number;
  visitors: Visitors;
}

const CONFIG = `
processors:
  session_replay:
    { pre_roll: 10m, decision_wait: 10m, record_for: 10m, session_idle_timeout: 10m,
      policies: [{ name: errors, type: status_code, status_code: { status_codes: [ERROR] } }] }
exporters: { replay_store: { flush_interval: 1s } }
service: { telemetry: { logs: { level: info } } }
`;
const RECOVERED = 'otelcol_processor_session_replay_segments_recovered';

export async function runKillLoop(options: KillLoopOptions): Promise<KillLoopOutcome> {
  const { directory, kills, random } = options;
  const spawn = async (): Promise<Processor> => {
    const { built = false } = options;
    const spawned = await spawnProcessor({ directory, config: CONFIG, built });
    options.onSpawn(spawned);
    return spawned;
  };
  let processor = await spawn();
  let url = await processor.url('otlp');
  let recovered = 0;
  const visitors = new Visitors({ base: () => url, visits: 8, paceMs: 20 });
  const auditor = new Auditor(() => [processor]);
  visitors.start();
  auditor.start();
  try {
    for (let kill = 0; kill < kills; kill++) {
      const wanted = visitors.acknowledged + Math.floor(40 * random());
      while (visitors.acknowledged < wanted) await sleep(5);
      await end(processor);
      processor = await spawn();
      if (kill % 4 === 3 && kill + 1 < kills) {
        kill++;
        await Promise.race([sleep(1500 * random()), processor.logged('ready')]);
        await end(processor);
        processor = await spawn();
      }
      url = await processor.url('otlp');
      const books = await booksOf(processor);
      if (books.in !== books.out) auditor.violations.push(books);
      recovered += await processor.metric(RECOVERED);
    }
    await visitors.stop();
    const result = await settled(visitors, `${directory}/store`, options.patienceMs);
    const { violations, looks: scrapes } = auditor;
    return { ...result, recovered, violations, scrapes, visitors };
  } finally {
    visitors.abandon();
    await auditor.stop();
  }
}

async function settled(
  visitors: Visitors,
  store: string,
  patienceMs: number,
): Promise<Pick<KillLoopOutcome, 'acknowledged' | 'missing' | 'twice' | 'unwanted'>> {
  const wanted = visitors.failing.flatMap(({ acknowledged, sessionId }) =>
    [...acknowledged].map((index) => `${sessionId}/${index}`),
  );
  const failing = new Set(visitors.failing.map(({ sessionId }) => sessionId));
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const stored = await storedSegments(store);
    const missing = wanted.filter((key) => !stored.has(key));
    if (missing.length === 0 || performance.now() > deadline) {
      const sessions = new Set([...stored.keys()].map((key) => key.split('/')[0]!));
      return {
        acknowledged: wanted.length,
        missing,
        twice: [...stored].filter(([, times]) => times > 1).map(([key]) => key),
        unwanted: [...sessions].filter((id) => !failing.has(id)),
      };
    }
    await sleep(200);
  }
}

async function end(processor: Processor): Promise<void> {
  processor.kill('SIGKILL');
  await processor.exited;
}
