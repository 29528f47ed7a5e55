/**
 * The one schema of the configuration: validation, defaults, `docs/configuration.md`,
 * `config.schema.json` and `print-config` all come from it. Its shape and its key names are the
 * OpenTelemetry Collector's. Once read, durations are milliseconds and sizes are bytes.
 */
import * as z from 'zod';
import { coordinationSchema } from './coordination.js';
import { memoryLimiterSchema } from './memory-limiter.js';
import { recorderSchema } from './recorder.js';
import { replayStoreSchema } from './replay-store.js';
import { keepFor } from './retention.js';
import { duration, endpoint, httpUrl, secret, size } from './scalars.js';
import { policySchema } from './policies.js';
import { syntheticCheckpointsSchema } from './synthetic-checkpoints.js';
import { telemetrySchema } from './telemetry.js';
import { workersSchema } from './workers.js';

/** Of one process: a few requests and a few files must fit. */
export const MIN_BUFFER_BYTES = 16 * 1024 * 1024;

const section = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape);

const corsSchema = section({
  allowed_origins: z
    .array(z.string())
    .prefault([])
    .describe(
      'Origins of pages that may call, such as `https://shop.example.com`; `*` stands for any part. None by default.',
    ),
  allowed_headers: z
    .array(z.string())
    .prefault(['*'])
    .describe('Request headers a page may set; `*` allows those it asks for.'),
  exposed_headers: z
    .array(z.string())
    .prefault(['Retry-After'])
    .describe('Response headers a page may read.'),
  max_age: z
    .int()
    .min(0)
    .prefault(7200)
    .describe('Seconds a browser may remember the answer to a preflight request.'),
});

const otlpReceiverSchema = section({
  protocols: section({
    http: section({
      endpoint: endpoint()
        .prefault('localhost:4318')
        .describe('Where it listens. Browsers elsewhere need `0.0.0.0:4318`.'),
      max_request_body_size: size({ minBytes: 1024, maxBytes: 256 * 1024 * 1024 })
        .prefault('20MiB')
        .describe('Largest request body, after decompression; larger ones get 413.'),
      cors: corsSchema.prefault({}).describe('Which web pages may send.'),
    })
      .prefault({})
      .describe('OTLP/HTTP: protobuf and JSON, `/v1/traces` and `/v1/logs`.'),
  })
    .prefault({})
    .describe('Protocols of the receiver.'),
});

const sessionReplaySchema = section({
  pre_roll: duration({ maxMs: 30 * 60_000 })
    .prefault('30s')
    .describe('What is kept from before the moment a policy decided to keep the session.'),
  record_for: duration({ minMs: 1000 })
    .prefault('60s')
    .describe('What is kept from after the last trigger; each trigger extends it.'),
  decision_wait: duration({ maxMs: 30 * 60_000 })
    .prefault('15s')
    .describe('How late an error may arrive and still find the whole pre-roll.'),
  checkpoint_interval: duration({ minMs: 1000, maxMs: 30 * 60_000 })
    .prefault('60s')
    .describe(
      'How often recorders make a checkpoint at the latest, their `checkpointIntervalMs`: what was sent since the last one before the pre-roll is held with it, so that it can be played.',
    ),
  max_session_duration: duration({ minMs: 60_000 })
    .prefault('1h')
    .describe('Nothing of a session is kept beyond this length.'),
  session_idle_timeout: duration({ minMs: 1000 })
    .prefault('60s')
    .describe('A session that sends nothing for so long has ended.'),
  keep_for: keepFor()
    .prefault('720h')
    .describe(
      'How long a replay is kept, from the session’s end; `0s` is for ever, `30d` is `720h`. Of several policies the longest counts.',
    ),
  buffer: section({
    max_size: size({ minBytes: MIN_BUFFER_BYTES })
      .prefault('2GiB')
      .describe('What the journal in `file_storage` may hold.'),
    on_full: z
      .enum(['shed', 'reject'])
      .prefault('shed')
      .describe(
        'As it fills up, or the disk, or the store does not keep up: `shed` gives up sessions no policy wants yet, each whole; `reject` gives up none, senders get 503. What is kept is never given up.',
      ),
    max_session_size: size({ minBytes: 1024 * 1024 })
      .prefault('8MiB')
      .describe('What one session may hold there while no policy wants it.'),
  })
    .prefault({})
    .describe('Where segments wait for a decision and for their block.'),
  coordination: coordinationSchema
    .prefault({})
    .describe('Where several instances share what they decided.'),
  max_segment_size: size({ minBytes: 64 * 1024, maxBytes: 16 * 1024 * 1024 })
    .prefault('1MiB')
    .describe('Largest segment, compressed; larger ones are rejected.'),
  forward_segment_spans: z
    .boolean()
    .prefault(false)
    .describe('Leave the segment spans, without their payload, in what is forwarded.'),
  dry_run: z
    .boolean()
    .prefault(false)
    .describe(
      'Keep everything, and tell with every session what the policies would have done with it.',
    ),
  recorder: recorderSchema
    .prefault({})
    .describe(
      'What browsers are told on `/v1/recorder-config`, if their recorder asks (`remoteConfig`).',
    ),
  policies: z
    .array(policySchema)
    .min(1, 'is empty, so that nothing would be kept; use an always_sample policy to keep all')
    .prefault([{ name: 'everything', type: 'always_sample' }])
    .describe(
      'Which sessions are kept: those that at least one policy wants and none drops. The order does not matter, except that the first one gives the reason.',
    ),
});

const retrySchema = section({
  enabled: z.boolean().prefault(true).describe('Try again after a retryable failure.'),
  initial_interval: duration({ minMs: 1 }).prefault('5s').describe('Wait before the first retry.'),
  randomization_factor: z
    .number()
    .min(0)
    .max(1)
    .prefault(0.5)
    .describe('Share of a wait that is random.'),
  multiplier: z.number().min(1).prefault(1.5).describe('Each further wait is so much longer.'),
  max_interval: duration({ minMs: 1 }).prefault('30s').describe('Longest wait between retries.'),
  max_elapsed_time: duration()
    .prefault('0s')
    .describe(
      'When to give a request up; `0s` means never. (The Collector gives up after `300s`; here requests wait on disk, and nothing acknowledged is lost.)',
    ),
});

const queueSchema = section({
  queue_size: z
    .int()
    .min(1)
    .prefault(1000)
    .describe('Requests that may wait for the next hop; beyond, senders get 503.'),
  num_consumers: z.int().min(1).max(100).prefault(10).describe('Requests sent at the same time.'),
});

const otlpHttpExporterSchema = section({
  endpoint: httpUrl().describe(
    'Base URL of the next hop; `/v1/traces` and `/v1/logs` are appended.',
  ),
  headers: z
    .record(z.string(), secret())
    .prefault({})
    .describe('Sent with every request; values are not printed.'),
  timeout: duration({ minMs: 1 }).prefault('30s').describe('Of one attempt.'),
  compression: z
    .enum(['gzip', 'none'])
    .prefault('none')
    .describe('Of request bodies; `gzip` where the next hop is far away.'),
  retry_on_failure: retrySchema.prefault({}).describe('What happens when the next hop is away.'),
  sending_queue: queueSchema
    .prefault({})
    .describe(
      'Where requests wait for the next hop; it lies in `file_storage` and survives restarts.',
    ),
});

const replayApiSchema = section({
  endpoint: endpoint()
    .prefault('localhost:8787')
    .describe('Where the replay API and the viewer listen. Beyond loopback a token is required.'),
  auth: section({
    bearer_token: secret()
      .optional()
      .describe('Callers send `Authorization: Bearer <token>`. Take it from the environment.'),
  })
    .prefault({})
    .describe('Who may read and delete replays.'),
  cors: section({
    allowed_origins: z
      .array(z.string())
      .prefault([])
      .describe('Origins of pages that may read the API; the built-in viewer needs none.'),
    max_age: z.int().min(0).prefault(7200).describe('Seconds a preflight answer may be kept.'),
  })
    .prefault({})
    .describe('Which other web pages may call the API.'),
  max_live_viewers: z
    .int()
    .min(0)
    .prefault(100)
    .describe('Live streams at the same time; more get 503. 0 allows none.'),
  synthetic_checkpoints: syntheticCheckpointsSchema
    .prefault({})
    .describe('Checkpoints made on reading, where recorders made few.'),
});

const healthCheckSchema = section({
  endpoint: endpoint().prefault('localhost:13133').describe('Where it listens.'),
  path: z
    .string()
    .startsWith('/', 'must start with /')
    .prefault('/')
    .describe('200 when ready, 503 while starting or stopping.'),
});

const zpagesSchema = section({
  endpoint: endpoint()
    .prefault('localhost:55679')
    .describe('Where it listens. It asks nobody for a token: keep it on this machine.'),
});

const fileStorageSchema = section({
  directory: z
    .string()
    .min(1, 'must name a directory')
    .prefault('./session-replay-data/buffer')
    .describe('Journal, sending queue and index. One process per directory.'),
  fsync: z
    .boolean()
    .prefault(false)
    .describe('Survive power failures, not only crashes of the process; slower.'),
});

export const EXTENSIONS = ['health_check', 'file_storage', 'replay_api', 'zpages'] as const;
/** The status page shows what an operator sees, so it must be asked for. */
const DEFAULT_EXTENSIONS = EXTENSIONS.filter((id) => id !== 'zpages');
export const EXPORTERS = ['otlp_http', 'nop', 'replay_store'] as const;

const pipelineSchema = section({
  receivers: z
    .array(z.string())
    .min(1, 'must name at least one receiver')
    .describe('Ids of receivers.'),
  processors: z
    .array(z.enum(['memory_limiter', 'session_replay']))
    .prefault(['session_replay'])
    .describe(
      '`[session_replay]`, or `[memory_limiter, session_replay]`: without it payload would reach the trace backend.',
    ),
  exporters: z
    .array(z.enum(EXPORTERS))
    .min(1, 'must name at least one exporter; `nop` forwards nothing')
    .describe('`otlp_http` or `nop` for spans and logs, `replay_store` for replays.'),
});

export const configSchema = section({
  receivers: z
    .record(z.string().regex(/^otlp(\/[\w.-]+)?$/), otlpReceiverSchema)
    .describe('`otlp`, and further ones as `otlp/<name>`.'),
  processors: section({
    memory_limiter: memoryLimiterSchema
      .optional()
      .describe(
        'Sheds sessions and then refuses requests before memory runs out; measured on resident memory. First in the pipelines it is for.',
      ),
    session_replay: sessionReplaySchema
      .prefault({})
      .describe('Cuts replays out of traces and logs and decides which are kept.'),
  })
    .prefault({})
    .describe('What happens on the way.'),
  exporters: section({
    otlp_http: otlpHttpExporterSchema
      .optional()
      .describe('Forwards everything that is not replay to a Collector or trace store.'),
    nop: section({}).optional().describe('Forwards nothing.'),
    replay_store: replayStoreSchema.optional().describe('Where replays are kept.'),
  }).describe('Where data goes.'),
  extensions: section({
    health_check: healthCheckSchema.prefault({}).describe('For load balancers and orchestrators.'),
    file_storage: fileStorageSchema.prefault({}).describe('What must survive a restart.'),
    zpages: zpagesSchema.optional().describe('The status page, `/debug/replayz`.'),
    replay_api: replayApiSchema.prefault({}).describe('Serves replays, and the viewer on `/`.'),
  })
    .prefault({})
    .describe('What else the process serves.'),
  service: section({
    extensions: z
      .array(z.enum(EXTENSIONS))
      .prefault(DEFAULT_EXTENSIONS)
      .describe('Extensions that run. All but `zpages` unless listed.'),
    pipelines: z
      .record(z.string().regex(/^(traces|logs)(\/[\w.-]+)?$/), pipelineSchema)
      .describe('`traces`, `logs`, and further ones as `traces/<name>`, `logs/<name>`.'),
    workers: workersSchema.describe(
      'Processes that share the ports and the work, for more than one core. `auto` is one per core.',
    ),
    telemetry: telemetrySchema.prefault({}).describe('How the processor reports on itself.'),
  }).describe('What of the above runs, and how it is joined.'),
});

/** A checked configuration with all defaults; durations in milliseconds, sizes in bytes. */
export type Config = z.output<typeof configSchema>;
export type OtlpReceiverConfig = z.output<typeof otlpReceiverSchema>;
export type OtlpHttpExporterConfig = z.output<typeof otlpHttpExporterSchema>;
export type ReplayApiConfig = z.output<typeof replayApiSchema>;
