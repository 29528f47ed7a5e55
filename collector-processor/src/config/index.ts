export { loadConfig, parseConfig, readConfigFiles } from './load.js';
export type { ConfigFile } from './source.js';
export { workerCount } from './workers.js';
export { ConfigError, formatProblem, type Problem } from './problem.js';
export { printConfig } from './print.js';
export { isLoopback } from './rules.js';
export { formatDuration, formatEndpoint, formatSize, Secret, type Endpoint } from './scalars.js';
export { EMBEDDED_CONFIG } from './embedded.js';
export type {
  Config,
  OtlpHttpExporterConfig,
  OtlpReceiverConfig,
  ReplayApiConfig,
} from './schema.js';
export { statusCodeRange, type PolicyConfig } from './policies.js';
export type { Environment } from './environment.js';
export type { PeriodicReaderConfig } from './telemetry.js';
export { recorderConfigOf } from './recorder.js';
export { retentionOf, type Retention } from './retention.js';
export type { MemoryLimiterConfig } from './memory-limiter.js';
export type { ReplayStoreConfig } from './replay-store.js';
export type { ClientTlsConfig } from './client-tls.js';
export type { PostgresConfig } from './shared-index.js';
