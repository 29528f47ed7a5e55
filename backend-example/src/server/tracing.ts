/**
 * Stock OpenTelemetry for Node, loaded before the shop: `node --import ./dist/server/tracing.js`.
 * The endpoint and the service name can be changed by the standard OTEL_* variables.
 */
import { ServerResponse } from 'node:http';
import { register } from 'node:module';
import type { Span } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { ExpressInstrumentation } from '@opentelemetry/instrumentation-express';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { NodeSDK } from '@opentelemetry/sdk-node';

// Lets instrumentations reach modules that are loaded by `import`.
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);

process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] ??= 'http://127.0.0.1:4318';

const sdk = new NodeSDK({
  serviceName: process.env['OTEL_SERVICE_NAME'] ?? 'shop-backend',
  traceExporter: new OTLPTraceExporter(),
  metricReaders: [],
  logRecordProcessors: [],
  instrumentations: [
    new HttpInstrumentation({
      ignoreIncomingRequestHook: (request) => request.url === '/health',
      responseHook: (span, response) => {
        if (response instanceof ServerResponse && !response.headersSent) announce(span, response);
      },
    }),
    new ExpressInstrumentation(),
  ],
});
sdk.start();

// The shop closes its server on SIGTERM; when nothing is left to do, what is queued still leaves.
process.once('beforeExit', () => {
  sdk.shutdown().catch((error: unknown) => {
    process.stderr.write(`shop: the last spans were not exported: ${String(error)}\n`);
  });
});

/** Tells the page the trace of its own document and requests: no script can see it otherwise. */
function announce(span: Span, response: ServerResponse): void {
  const { traceId, spanId, traceFlags } = span.spanContext();
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  response.appendHeader('Server-Timing', `traceparent;desc="${traceparent}"`);
  response.setHeader('traceresponse', traceparent);
}
