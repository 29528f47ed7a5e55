import { describe, expect, it } from 'vitest';
import { EMBEDDED_CONFIG, parseConfig } from '../config/index.js';
import { shareOf } from './share.js';

const over = `
processors:
  memory_limiter: { limit_mib: 1000, spike_limit_mib: 100, limit_percentage: 60, spike_limit_percentage: 30 }
  session_replay:
    buffer: { max_size: 1GiB }
    policies:
      - { name: few, type: rate_limiting, rate_limiting: { sessions_per_second: 6 } }
      - name: fewer errors
        type: and
        and:
          and_sub_policy:
            - { name: errors, type: status_code, status_code: { status_codes: [ERROR] } }
            - { name: at most, type: rate_limiting, rate_limiting: { sessions_per_second: 3 } }
exporters:
  otlp_http: { endpoint: 'http://collector:4318', sending_queue: { queue_size: 100, num_consumers: 2 } }
extensions: { file_storage: { directory: /data } }
service:
  workers: 3
  pipelines:
    traces: { receivers: [otlp], processors: [memory_limiter, session_replay], exporters: [otlp_http, replay_store] }
    logs: { receivers: [otlp], processors: [memory_limiter, session_replay], exporters: [otlp_http, replay_store] }
`;
const config = parseConfig(
  [
    { file: 'base.yaml', text: EMBEDDED_CONFIG },
    { file: 'over.yaml', text: over },
  ],
  {},
);

describe('the share of a worker', () => {
  const share = shareOf(config, 2, 3);

  it('is a third of what is bounded, and never nothing', () => {
    const { memory_limiter, session_replay } = share.processors;
    expect(memory_limiter).toEqual({
      check_interval: 1000,
      ...{ limit_mib: 333, spike_limit_mib: 33, limit_percentage: 20, spike_limit_percentage: 10 },
    });
    expect(session_replay.buffer.max_size).toBe(Math.floor(2 ** 30 / 3));
    expect(share.exporters.otlp_http?.sending_queue).toEqual({ queue_size: 34, num_consumers: 1 });
    expect(session_replay.policies).toMatchObject([
      { rate_limiting: { sessions_per_second: 2 } },
      {
        and: {
          and_sub_policy: [{ type: 'status_code' }, { rate_limiting: { sessions_per_second: 1 } }],
        },
      },
    ]);
  });

  it('has a directory of its own, and nothing that tells of the whole', () => {
    expect(share.extensions.file_storage.directory).toBe('/data/workers/2');
    expect(share.service.extensions).toEqual(['file_storage', 'replay_api']);
    expect(share.service.telemetry.metrics.readers).toEqual([]);
    expect(share.service.workers).toBe(1);
  });

  it('is otherwise the same', () => {
    expect(share.receivers).toEqual(config.receivers);
    expect(share.service.pipelines).toEqual(config.service.pipelines);
    expect(share.processors.session_replay.buffer.max_session_size).toBe(
      config.processors.session_replay.buffer.max_session_size,
    );
  });
});
