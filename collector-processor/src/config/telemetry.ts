/** How the processor reports on itself; the shape is the Collector's `service::telemetry`. */
import * as z from 'zod';
import { duration, httpUrl, secret } from './scalars.js';

const section = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape);

const MILLISECONDS_HELP = 'must be milliseconds as a number, or a duration such as 60s';

/** Milliseconds as the Collector has them there, or a duration. */
function milliseconds() {
  return z
    .union([z.int().min(1), duration({ minMs: 1 })], { error: MILLISECONDS_HELP })
    .meta({ title: 'milliseconds or duration' });
}

const pullSchema = section({
  exporter: section({
    prometheus: section({
      host: z.string().prefault('localhost').describe('Where it listens.'),
      port: z.int().min(0).max(65535).prefault(8888).describe('Path `/metrics`.'),
    }).prefault({}),
  }).prefault({}),
});

const periodicSchema = section({
  interval: milliseconds().prefault(60_000).describe('How often metrics are sent.'),
  timeout: milliseconds().prefault(30_000).describe('Of one request.'),
  exporter: section({
    otlp: section({
      protocol: z
        .enum(['http/protobuf'], { error: 'must be http/protobuf, the only one there is here' })
        .prefault('http/protobuf')
        .describe('The only one there is here.'),
      endpoint: httpUrl().describe(
        'Where metrics are sent by OTLP/HTTP. A URL without a path gets `/v1/metrics`.',
      ),
      headers: z
        .record(z.string(), secret())
        .prefault({})
        .describe('Sent with every request; values are not printed.'),
    }),
  }),
});

const readerSchema = section({
  pull: pullSchema.optional().describe('Serves metrics to Prometheus.'),
  periodic: periodicSchema.optional().describe('Sends metrics by OTLP.'),
}).refine(({ pull, periodic }) => (pull === undefined) !== (periodic === undefined), {
  error: 'must be either pull or periodic',
});

export const telemetrySchema = section({
  logs: section({
    level: z
      .enum(['debug', 'info', 'warn', 'error'])
      .prefault('info')
      .describe('Lowest level written.'),
    encoding: z
      .enum(['console', 'json'])
      .prefault('console')
      .describe('Readable lines or one JSON object a line, on stderr.'),
  })
    .prefault({})
    .describe('Logs of the processor itself.'),
  metrics: section({
    readers: z
      .array(readerSchema)
      .refine((readers) => readers.filter(({ pull }) => pull !== undefined).length <= 1, {
        error: 'must have at most one pull reader',
      })
      .prefault([{ pull: {} }])
      .describe('Who gets metrics: Prometheus, a Collector, both. `[]`: nobody.'),
  })
    .prefault({})
    .describe('Metrics of the processor itself.'),
});

export type PeriodicReaderConfig = z.output<typeof periodicSchema>;
