export { type RetryOptions } from './backoff.js';
export { nopExporter, type Exporter, type ExportOutcome, type ExportRequest } from './exporter.js';
export {
  createOtlpExporter,
  type OtlpExporterDeps,
  type OtlpExporterOptions,
} from './otlp-http.js';
