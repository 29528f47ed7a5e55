// A backend of another origin with the stock OpenTelemetry SDK and nothing of this project. It takes
// its configuration from the environment, prints its port, and fails every order.
import { createRequire } from 'node:module';

// The SDK patches what is required after it started.
const require = createRequire(import.meta.url);
const { NodeSDK } = require('@opentelemetry/sdk-node');
const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http');
const { trace, SpanStatusCode } = require('@opentelemetry/api');

const sdk = new NodeSDK({ instrumentations: [new HttpInstrumentation()] });
sdk.start();

const http = require('node:http');
const headers = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': process.env.ALLOW_HEADERS,
};
const server = http.createServer((request, response) => {
  if (request.method === 'OPTIONS') {
    response.writeHead(204, headers).end();
    return;
  }
  trace.getTracer('backend').startActiveSpan('charge the card', (span) => {
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'declined' });
    span.end();
  });
  response.writeHead(402, headers).end();
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`port ${server.address().port}\n`));
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close(() => void sdk.shutdown().then(() => process.exit(0)));
});
