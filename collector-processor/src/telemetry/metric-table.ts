/**
 * Every metric of the processor, declared once: code, docs and the exporters read this table.
 * Names reuse the Collector's own where it has one.
 */
export interface MetricDeclaration {
  type: 'counter' | 'gauge';
  /** UCUM. */
  unit: string;
  description: string;
  attributes: readonly string[];
  /** What the value of several processes is; default `sum`. */
  merge?: 'sum' | 'min' | 'max';
}

export const METRICS = {
  otelcol_receiver_accepted_spans: {
    type: 'counter',
    unit: '{span}',
    description: 'Spans accepted, segment spans included',
    attributes: ['receiver', 'transport'],
  },
  otelcol_receiver_refused_spans: {
    type: 'counter',
    unit: '{span}',
    description: 'Spans refused because a room behind could not take them',
    attributes: ['receiver', 'transport'],
  },
  otelcol_receiver_accepted_log_records: {
    type: 'counter',
    unit: '{record}',
    description: 'Log records accepted, segment records included',
    attributes: ['receiver', 'transport'],
  },
  otelcol_receiver_refused_log_records: {
    type: 'counter',
    unit: '{record}',
    description: 'Log records refused because a room behind could not take them',
    attributes: ['receiver', 'transport'],
  },
  otelcol_receiver_requests: {
    type: 'counter',
    unit: '{request}',
    description: 'OTLP requests by outcome',
    attributes: ['outcome', 'http.response.status_code'],
  },
  otelcol_exporter_sent_spans: {
    type: 'counter',
    unit: '{span}',
    description: 'Spans the next hop accepted',
    attributes: ['exporter'],
  },
  otelcol_exporter_sent_log_records: {
    type: 'counter',
    unit: '{record}',
    description: 'Log records the next hop accepted',
    attributes: ['exporter'],
  },
  otelcol_exporter_send_failed_spans: {
    type: 'counter',
    unit: '{span}',
    description: 'Spans given up after the last retry or a permanent error',
    attributes: ['exporter'],
  },
  otelcol_exporter_send_failed_log_records: {
    type: 'counter',
    unit: '{record}',
    description: 'Log records given up after the last retry or a permanent error',
    attributes: ['exporter'],
  },
  otelcol_exporter_enqueue_failed_spans: {
    type: 'counter',
    unit: '{span}',
    description: 'Spans refused to the sender because the sending queue is full',
    attributes: ['exporter'],
  },
  otelcol_exporter_enqueue_failed_log_records: {
    type: 'counter',
    unit: '{record}',
    description: 'Log records refused to the sender because the sending queue is full',
    attributes: ['exporter'],
  },
  otelcol_exporter_queue_size: {
    type: 'gauge',
    unit: '{batch}',
    description: 'Requests waiting for the next hop',
    attributes: ['exporter'],
  },
  otelcol_exporter_queue_capacity: {
    type: 'gauge',
    unit: '{batch}',
    description: 'Requests the sending queue can hold',
    attributes: ['exporter'],
  },
  otelcol_processor_session_replay_segments_received: {
    type: 'counter',
    unit: '{segment}',
    description: 'Segments that arrived',
    attributes: ['outcome'], // accepted | duplicate | rejected
  },
  otelcol_processor_session_replay_segment_bytes_received: {
    type: 'counter',
    unit: 'By',
    description: 'Compressed payload bytes of the segments that arrived',
    attributes: ['outcome'],
  },
  otelcol_processor_session_replay_segments_recovered: {
    type: 'counter',
    unit: '{segment}',
    description:
      'Segments of an earlier run that were found in the journal, neither stored nor dropped',
    attributes: [],
  },
  otelcol_processor_session_replay_segments_left: {
    type: 'counter',
    unit: '{segment}',
    description:
      'Segments that workers which ended had neither stored nor dropped; their successors count them as recovered',
    attributes: [],
  },
  otelcol_processor_session_replay_segments_stored: {
    type: 'counter',
    unit: '{segment}',
    description: 'Segments written to the store',
    attributes: ['store'],
  },
  otelcol_processor_session_replay_segment_bytes_stored: {
    type: 'counter',
    unit: 'By',
    description: 'Compressed payload bytes written to the store',
    attributes: ['store'],
  },
  otelcol_processor_session_replay_segments_dropped: {
    type: 'counter',
    unit: '{segment}',
    description: 'Accepted segments that were not stored, by reason; not_recorded is normal',
    attributes: ['reason'], // not_recorded | session_cap | shed | deleted | store_failed | corrupt
  },
  otelcol_processor_session_replay_segments_buffered: {
    type: 'gauge',
    unit: '{segment}',
    description: 'Segments in the journal that are neither stored nor dropped yet',
    attributes: [],
  },
  otelcol_processor_session_replay_buffer_bytes: {
    type: 'gauge',
    unit: 'By',
    description: 'Bytes of the journal on disk',
    attributes: [],
  },
  otelcol_processor_session_replay_buffer_live_bytes: {
    type: 'gauge',
    unit: 'By',
    description: 'Bytes of the journal that are neither stored nor dropped yet',
    attributes: [],
  },
  otelcol_processor_session_replay_buffer_capacity_bytes: {
    type: 'gauge',
    unit: 'By',
    description: 'Bytes the journal may hold: buffer.max_size, or less where the disk is smaller',
    attributes: [],
  },
  otelcol_processor_session_replay_store_backlog_bytes: {
    type: 'gauge',
    unit: 'By',
    description: 'Bytes of kept sessions that wait in the journal for the store',
    attributes: [],
  },
  otelcol_processor_session_replay_sessions: {
    type: 'gauge',
    unit: '{session}',
    description: 'Sessions in memory by state',
    attributes: ['state'], // buffering | keeping | shed
  },
  otelcol_processor_session_replay_sessions_shed: {
    type: 'counter',
    unit: '{session}',
    description: 'Sessions given up whole because a limit was nearly reached',
    attributes: ['reason'], // memory | journal | disk | store
  },
  otelcol_processor_session_replay_pressure_level: {
    type: 'gauge',
    unit: '%',
    description: 'How much of a limit is in use; from 80 on sessions are shed',
    attributes: ['reason'], // memory | journal | disk | store
    merge: 'max',
  },
  otelcol_processor_session_replay_shed_ratio: {
    type: 'gauge',
    unit: '1',
    description: 'Share of the sessions nobody wants yet that is shed now, 0 to 1',
    attributes: ['reason'], // memory | journal | disk | store
    merge: 'max',
  },
  otelcol_processor_session_replay_requests_refused: {
    type: 'counter',
    unit: '{request}',
    description: 'OTLP requests answered with 503 and Retry-After, by what was short',
    attributes: ['reason'], // memory | in_flight | journal | disk | queue | stopping | other
  },
  otelcol_processor_session_replay_forced_collections: {
    type: 'counter',
    unit: '{collection}',
    description: 'Garbage collections asked for because memory was above its limit',
    attributes: [],
  },
  otelcol_processor_session_replay_decisions: {
    type: 'counter',
    unit: '{decision}',
    description: 'Sessions decided to be kept, by policy; in a dry run those that would have been',
    attributes: ['policy', 'dry_run'], // dry_run: true | false
  },
  otelcol_processor_session_replay_sessions_sampled_out: {
    type: 'counter',
    unit: '{session}',
    description:
      'Sessions that ended without being kept, by the drop policy that prevented it (empty: none wanted them); in a dry run those that would not have been kept',
    attributes: ['policy', 'dry_run'],
  },
  otelcol_processor_session_replay_signals: {
    type: 'counter',
    unit: '{signal}',
    description: 'Signals seen on spans and log records',
    attributes: ['kind', 'origin'],
  },
  otelcol_processor_session_replay_store_errors: {
    type: 'counter',
    unit: '{error}',
    description: 'Failed store operations; each is retried',
    attributes: ['operation'],
  },
  otelcol_processor_session_replay_live_blocks: {
    type: 'counter',
    unit: '{block}',
    description: 'Blocks written early for those who watch; regular ones take their place',
    attributes: [],
  },
  otelcol_processor_session_replay_live_viewers: {
    type: 'gauge',
    unit: '{connection}',
    description: 'Open live streams of the replay API',
    attributes: [],
  },
  otelcol_processor_session_replay_checkpoints_synthesized: {
    type: 'counter',
    unit: '{checkpoint}',
    description:
      'Reads that began far from a recorded checkpoint, by what came of it; busy and failed ones got what was recorded',
    attributes: ['outcome'], // made | cached | busy | failed
  },
  otelcol_processor_session_replay_checkpoint_synthesis_duration: {
    type: 'counter',
    unit: 's',
    description: 'Time that making checkpoints took, waiting for the thread included',
    attributes: [],
  },
  otelcol_processor_session_replay_checkpoint_cache_bytes: {
    type: 'gauge',
    unit: 'By',
    description: 'Checkpoints that were made and are kept for who seeks again',
    attributes: [],
  },
  otelcol_processor_session_replay_sessions_expired: {
    type: 'counter',
    unit: '{session}',
    description: 'Sessions that were removed because their keep_for was over',
    attributes: ['store'],
  },
  otelcol_processor_session_replay_coordination_up: {
    type: 'gauge',
    unit: '1',
    description: 'Whether the connection to the coordination store stands: 1 or 0',
    attributes: ['connection'], // commands | subscription
    merge: 'min',
  },
  otelcol_processor_session_replay_coordination_operations: {
    type: 'counter',
    unit: '{operation}',
    description: 'What was asked of the coordination store; failed ones are repeated',
    attributes: ['operation', 'outcome'], // ok | failed
  },
  otelcol_processor_session_replay_coordination_messages: {
    type: 'counter',
    unit: '{message}',
    description: 'Decisions heard from other instances',
    attributes: ['outcome'], // applied | own | malformed
  },
  otelcol_processor_session_replay_coordination_untold: {
    type: 'gauge',
    unit: '{item}',
    description: 'What waits for the return of the coordination store',
    attributes: ['kind'], // decision | link | signal
  },
  otelcol_processor_session_replay_coordination_discarded: {
    type: 'counter',
    unit: '{item}',
    description: 'What could not wait longer for the coordination store',
    attributes: ['kind'], // link | signal
  },
  otelcol_processor_session_replay_index_up: {
    type: 'gauge',
    unit: '1',
    description: 'Whether the shared index can be asked: 1 or 0',
    attributes: [],
    merge: 'min',
  },
  otelcol_processor_session_replay_index_owed: {
    type: 'gauge',
    unit: '{session}',
    description: 'Sessions in the store that the index has yet to learn of',
    attributes: [],
  },
  otelcol_processor_session_replay_workers: {
    type: 'gauge',
    unit: '{worker}',
    description: 'Worker processes by state; only with `service.workers` above 1',
    attributes: ['state'], // ready | starting
  },
  otelcol_processor_session_replay_worker_restarts: {
    type: 'counter',
    unit: '{restart}',
    description: 'Worker processes that ended unasked and were started again',
    attributes: [],
  },
  otelcol_process_uptime: {
    type: 'counter',
    unit: 's',
    description: 'Time since the process started',
    attributes: [],
    merge: 'max',
  },
  otelcol_process_cpu_seconds: {
    type: 'counter',
    unit: 's',
    description: 'Processor time used, user and system',
    attributes: [],
  },
  otelcol_process_memory_rss: {
    type: 'gauge',
    unit: 'By',
    description: 'Resident memory of the process',
    attributes: [],
  },
} as const satisfies Record<string, MetricDeclaration>;

export type MetricName = keyof typeof METRICS;
