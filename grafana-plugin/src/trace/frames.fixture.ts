/** Trace frames as data sources of Grafana return them, field by field; written by hand for tests. */
import type { DataFrame, FieldType } from '@grafana/data';

/** 2026-03-04 05:06:07.890 UTC, in milliseconds. */
export const T0 = 1_772_600_767_890;

export const TRACE_ID = '00000000000000004bf92f3577b34da6';
export const SESSION_ID = 'b6d5e6a2-7b0a-4b6e-9d0e-6a9d3f3f0c11';

export const kv = (attributes: object) =>
  Object.entries(attributes).map(([key, value]) => ({ key, value }));

/** Jaeger's tags name their type. */
export const typed = (attributes: object) =>
  Object.entries(attributes).map(([key, value]) => ({ key, type: typeof value, value }));

export function frame(
  columns: Record<string, unknown[]>,
  more: Partial<DataFrame> = {},
): DataFrame {
  const fields = Object.entries(columns).map(([name, values]) => ({
    name,
    values,
    // The package itself does not load outside of a browser.
    type: (typeof values[0] === 'number' ? 'number' : 'other') as FieldType,
    config: {},
  }));
  return { name: 'Trace', refId: 'A', length: fields[0]?.values.length ?? 0, fields, ...more };
}

const BROWSER = { 'service.name': 'shop-web', 'telemetry.sdk.language': 'webjs' };
const BACKEND = { 'service.name': 'shop-api', 'telemetry.sdk.language': 'nodejs' };

/** Tempo, Grafana 13: the leading zeros of the trace id are gone. */
export const tempo = (over: Record<string, unknown[]> = {}) =>
  frame(
    {
      traceID: ['4bf92f3577b34da6', '4bf92f3577b34da6'],
      spanID: ['00f067aa0ba902b7', '53995c3f42cd8ad8'],
      parentSpanID: ['0000000000000000', '00f067aa0ba902b7'],
      operationName: ['POST', 'POST /api/checkout'],
      serviceName: ['shop-web', 'shop-api'],
      kind: ['client', 'server'],
      statusCode: [0, 2],
      statusMessage: ['', 'Payment provider timed out'],
      instrumentationLibraryName: ['fetch', 'express'],
      instrumentationLibraryVersion: ['0.1', '0.1'],
      traceState: ['', ''],
      serviceTags: [kv(BROWSER), kv(BACKEND)],
      startTime: [T0, T0 + 30.25],
      duration: [120.5, 80],
      logs: [
        null,
        [
          {
            timestamp: T0 + 60,
            name: 'exception',
            fields: kv({ 'exception.type': 'Error', 'exception.message': 'timed out' }),
          },
        ],
      ],
      references: [null, null],
      tags: [
        kv({
          'session.id': SESSION_ID,
          'session_replay.id': 'a'.repeat(32),
          'http.request.method': 'POST',
        }),
        null,
      ],
      ...over,
    },
    { meta: { preferredVisualisationType: 'trace' } },
  );

/** Jaeger, Grafana 13. */
export const jaeger = (over: Record<string, unknown[]> = {}) =>
  frame(
    {
      traceID: [TRACE_ID.slice(16), TRACE_ID.slice(16)],
      spanID: ['f067aa0ba902b7', '53995c3f42cd8ad8'],
      parentSpanID: [null, 'f067aa0ba902b7'],
      operationName: ['POST', 'POST /api/checkout'],
      serviceName: ['shop-web', 'shop-api'],
      serviceTags: [typed(BROWSER), typed(BACKEND)],
      startTime: [T0, T0 + 30.25],
      duration: [120.5, 80],
      logs: [[], [{ timestamp: T0 + 60, fields: typed({ event: 'retry', attempt: 2 }) }]],
      references: [null, null],
      tags: [
        typed({ 'span.kind': 'client', 'session.id': SESSION_ID }),
        typed({ 'span.kind': 'server', error: true, 'otel.status_description': 'boom' }),
      ],
      warnings: [null, null],
      stackTraces: [null, null],
      ...over,
    },
    { name: 'A', meta: { preferredVisualisationType: 'trace', custom: { traceFormat: 'jaeger' } } },
  );

/** Zipkin: made in the front end; annotations keep microseconds. */
export const zipkin = () =>
  frame({
    traceID: [TRACE_ID, TRACE_ID],
    spanID: ['00f067aa0ba902b7', '53995c3f42cd8ad8'],
    parentSpanID: [undefined, '00f067aa0ba902b7'],
    operationName: ['post', 'post /api/checkout'],
    serviceName: ['shop-web', 'shop-api'],
    serviceTags: [kv({ ipv4: '10.0.0.1', endpointType: 'local' }), kv({ ipv4: '10.0.0.2' })],
    startTime: [T0, T0 + 30],
    duration: [120, 80],
    logs: [undefined, [{ timestamp: (T0 + 60) * 1000, fields: kv({ annotation: 'retry' }) }]],
    tags: [
      kv({ kind: 'CLIENT', 'session.id': SESSION_ID }),
      kv({ kind: 'SERVER', error: true, errorValue: '500' }),
    ],
  });
