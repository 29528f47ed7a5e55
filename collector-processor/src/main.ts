#!/usr/bin/env node
/** The command line: run | validate | print-config | print-lifecycle | rebuild-index. */
import { parseCommandLine, USAGE, UsageError, type Command } from './command-line.js';
import {
  formatEndpoint,
  isLoopback,
  parseConfig,
  printConfig,
  readConfigFiles,
  retentionOf,
  type Config,
  type ConfigFile,
} from './config/index.js';
import { storePlace } from './create-store.js';
import { explain } from './explain.js';
import { rebuildIndexOf } from './rebuild-index.js';
import { createService, type Service } from './service.js';
import { s3Lifecycle } from './store/s3-lifecycle.js';
import { createLogger, type Logger } from './telemetry/logger.js';
import { tuneHeap } from './tune-heap.js';
import { version } from './version.js';

/** What is still under way then is cut; nothing acknowledged is lost. */
const STOP_DEADLINE_MS = 10_000;

try {
  await main(parseCommandLine(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
}

async function main(command: Command): Promise<void> {
  if (command.name === 'help') return void process.stdout.write(USAGE);
  if (command.name === 'version') return void process.stdout.write(`${await version()}\n`);
  const files = await readConfigFiles(command.configFiles);
  const config = parseConfig(files, process.env);
  switch (command.name) {
    case 'validate':
      return void process.stdout.write('The configuration is valid.\n');
    case 'print-config':
      return void process.stdout.write(printConfig(config));
    case 'print-lifecycle':
      return void process.stdout.write(printLifecycle(config));
    case 'rebuild-index':
      return rebuildIndexOf(config, createLogger(config.service.telemetry.logs));
    case 'run':
      return run(config, command.configFiles, files);
  }
}

function printLifecycle(config: Config): string {
  const s3 = config.exporters.replay_store?.s3uploader;
  if (s3 === undefined) {
    throw new UsageError(
      'lifecycle rules are for S3; there is no exporters.replay_store.s3uploader',
    );
  }
  const keepForMs = retentionOf(config.processors.session_replay).all;
  return `${JSON.stringify(s3Lifecycle({ prefix: s3.s3_prefix, keepForMs }), undefined, 2)}\n`;
}

async function run(
  config: Config,
  names: readonly string[],
  files: readonly ConfigFile[],
): Promise<void> {
  tuneHeap();
  const logger = createLogger(config.service.telemetry.logs);
  const fatal = (kind: string) => (error: unknown) => {
    // Whatever broke, the journal holds what was acknowledged: better a restart than a half-dead process.
    logger.error(kind, {
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    });
    process.exit(1);
  };
  process.on('uncaughtException', fatal('uncaught exception'));
  process.on('unhandledRejection', fatal('unhandled rejection'));

  announce(config, names, logger);
  const service = createService(config, { logger, files });
  const stopping = stopOnSignals(service, logger);
  await service.start();
  if (stopping()) return;
  for (const id of Object.keys(config.receivers)) invite('OTLP/HTTP', id);
  if ('replay_api' in service.ports) invite('viewer and replay API', 'replay_api');
  logger.info('ready', { ports: service.ports });

  function invite(what: string, id: string): void {
    const { endpoint } = config.receivers[id]?.protocols.http ?? config.extensions.replay_api;
    const host = isLoopback(endpoint.host) ? '127.0.0.1' : endpoint.host;
    const url = `http://${formatEndpoint({ host, port: service.ports[id] ?? endpoint.port })}`;
    logger.info(what, { id, url });
  }
}

function announce(config: Config, files: readonly string[], logger: Logger): void {
  if (files.length === 0) {
    logger.info('no --config given: running on the embedded default (see print-config)');
    logger.info(
      'embedded default: reachable from this machine only, keeps every session, forwards nothing',
    );
  } else {
    logger.info('configuration read', { files: files.join(', ') });
  }
  logger.info('data', {
    store: config.exporters.replay_store && storePlace(config.exporters.replay_store),
    buffer: config.extensions.file_storage.directory,
  });
}

/** Returns whether a signal came. */
function stopOnSignals(service: Service, logger: Logger): () => boolean {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) {
      logger.warn('second signal: exiting at once; what was acknowledged is in the journal', {
        signal,
      });
      process.exit(1);
    }
    stopping = true;
    logger.info('stopping', { signal });
    service.stop(STOP_DEADLINE_MS).then(
      () => {
        logger.info('stopped');
        process.exit(0);
      },
      (error: unknown) => {
        logger.error('stopping failed', { error });
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return () => stopping;
}
