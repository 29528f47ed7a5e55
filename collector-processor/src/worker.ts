/** One of several workers: started by the supervisor, which tells it what to do (see workers/). */
import cluster from 'node:cluster';
import { parseConfig } from './config/index.js';
import { explain } from './explain.js';
import { createService } from './service.js';
import { createLogger, withFields } from './telemetry/logger.js';
import { processMetrics } from './telemetry/process-metrics.js';
import { tuneHeap } from './tune-heap.js';
import {
  SUPERVISOR,
  WORKER,
  type SupervisorControl,
  type WorkerReport,
} from './workers/control.js';
import { Link } from './workers/link.js';
import { createRemoteCoordinator } from './workers/remote-coordinator.js';
import { createRemoteIndex } from './workers/remote-index.js';
import { shareOf } from './workers/share.js';

/** When a signal came to this process alone, so that nobody said how long. */
const STOP_DEADLINE_MS = 10_000;

const link = new Link(process);
const supervisor = link.remote<SupervisorControl>('supervisor', SUPERVISOR);
try {
  await run();
} catch (error) {
  await supervisor.failed(explain(error)).catch(() => undefined);
  process.exit(1);
}

async function run(): Promise<void> {
  const { files, lends, worker, workers } = await supervisor.task();
  const whole = parseConfig(files, process.env);
  const config = shareOf(whole, worker, workers);
  tuneHeap();
  const logger = withFields(createLogger(config.service.telemetry.logs), { worker });
  const fatal = (kind: string) => (error: unknown) => {
    // The journal holds what was acknowledged, and the supervisor starts another.
    logger.error(kind, {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    process.exit(1);
  };
  process.on('uncaughtException', fatal('uncaught exception'));
  process.on('unhandledRejection', fatal('unhandled rejection'));
  // Node ends the process right after: without the supervisor there is no index to write to.
  cluster.worker?.on('disconnect', () => logger.error('the supervisor is gone; the worker ends'));

  const service = createService(config, {
    logger,
    lent: {
      ...(lends.coordinator ? { coordinator: createRemoteCoordinator(link) } : {}),
      ...(lends.index ? { index: createRemoteIndex(link) } : {}),
    },
  });
  const metrics = processMetrics(service.metrics);
  let stopping: Promise<void> | undefined;
  const stop = (deadlineMs: number): Promise<void> => {
    stopping ??= service
      .stop(deadlineMs)
      .then(
        () => 0,
        (error: unknown) => {
          logger.error('stopping failed', { error });
          return 1;
        },
      )
      .then(async (code) => {
        await supervisor.ended(await metrics.snapshot()).catch(() => undefined);
        process.exit(code);
      });
    return stopping;
  };
  // A terminal and an init system send it to the supervisor too, which says for how long; again
  // and again changes nothing, because the supervisor kills what does not end.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void stop(STOP_DEADLINE_MS));
  }
  const report = async (): Promise<WorkerReport> => {
    return { metrics: await metrics.snapshot(), trouble: service.health.trouble };
  };
  link.serve('worker', { report, stop }, WORKER);
  await service.start();
  if (stopping === undefined) await supervisor.ready(service.ports);
}
