/** What runs when no file is given: this machine only, every session kept, nothing forwarded. */
export const EMBEDDED_NAME = '(embedded default)';

export const EMBEDDED_CONFIG = `\
# The configuration that runs without a file: this machine only, every session kept, nothing forwarded.
receivers:
  otlp:
    protocols:
      http:
        endpoint: localhost:4318
        cors:
          allowed_origins: ['http://localhost:*', 'http://127.0.0.1:*']

processors:
  session_replay:
    policies:
      - { name: everything, type: always_sample }

exporters:
  # otlp_http:
  #   endpoint: http://otel-collector:4318 # then put otlp_http where nop stands below
  nop:
  replay_store:
    filesystem:
      directory: ./session-replay-data/store

extensions:
  health_check:
    endpoint: localhost:13133
  replay_api:
    endpoint: localhost:8787
    # auth: { bearer_token: '\${env:REPLAY_API_TOKEN}' } # required when it listens beyond localhost
  file_storage:
    directory: ./session-replay-data/buffer

service:
  extensions: [health_check, file_storage, replay_api]
  pipelines:
    traces: { receivers: [otlp], processors: [session_replay], exporters: [nop, replay_store] }
    logs: { receivers: [otlp], processors: [session_replay], exporters: [nop, replay_store] }
`;
