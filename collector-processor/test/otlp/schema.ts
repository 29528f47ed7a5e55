/**
 * opentelemetry-proto 1.x traces and logs as a protobufjs descriptor: the oracle that the wire
 * walkers are compared with. Messages carry an `extra` field 1000 the walkers know nothing of.
 */
import protobuf from 'protobufjs';

const field = (id: number, type: string, repeated = false) => ({
  id,
  type,
  ...(repeated ? { rule: 'repeated' } : {}),
});
const extra = field(1000, 'bytes');

const nested = {
  AnyValue: {
    oneofs: {
      value: {
        oneof: [
          'stringValue',
          'boolValue',
          'intValue',
          'doubleValue',
          'arrayValue',
          'kvlistValue',
          'bytesValue',
        ],
      },
    },
    fields: {
      stringValue: field(1, 'string'),
      boolValue: field(2, 'bool'),
      intValue: field(3, 'int64'),
      doubleValue: field(4, 'double'),
      arrayValue: field(5, 'ArrayValue'),
      kvlistValue: field(6, 'KeyValueList'),
      bytesValue: field(7, 'bytes'),
    },
  },
  ArrayValue: { fields: { values: field(1, 'AnyValue', true) } },
  KeyValueList: { fields: { values: field(1, 'KeyValue', true) } },
  KeyValue: { fields: { key: field(1, 'string'), value: field(2, 'AnyValue'), extra } },
  Resource: {
    fields: {
      attributes: field(1, 'KeyValue', true),
      droppedAttributesCount: field(2, 'uint32'),
      extra,
    },
  },
  InstrumentationScope: {
    fields: {
      name: field(1, 'string'),
      version: field(2, 'string'),
      attributes: field(3, 'KeyValue', true),
    },
  },
  Event: {
    fields: {
      timeUnixNano: field(1, 'fixed64'),
      name: field(2, 'string'),
      attributes: field(3, 'KeyValue', true),
      droppedAttributesCount: field(4, 'uint32'),
      extra,
    },
  },
  Link: {
    fields: {
      traceId: field(1, 'bytes'),
      spanId: field(2, 'bytes'),
      traceState: field(3, 'string'),
      attributes: field(4, 'KeyValue', true),
      flags: field(6, 'fixed32'),
    },
  },
  Status: { fields: { message: field(2, 'string'), code: field(3, 'int32') } },
  Span: {
    fields: {
      traceId: field(1, 'bytes'),
      spanId: field(2, 'bytes'),
      traceState: field(3, 'string'),
      parentSpanId: field(4, 'bytes'),
      name: field(5, 'string'),
      kind: field(6, 'int32'),
      startTimeUnixNano: field(7, 'fixed64'),
      endTimeUnixNano: field(8, 'fixed64'),
      attributes: field(9, 'KeyValue', true),
      droppedAttributesCount: field(10, 'uint32'),
      events: field(11, 'Event', true),
      droppedEventsCount: field(12, 'uint32'),
      links: field(13, 'Link', true),
      status: field(15, 'Status'),
      flags: field(16, 'fixed32'),
      extra,
    },
  },
  ScopeSpans: {
    fields: {
      scope: field(1, 'InstrumentationScope'),
      spans: field(2, 'Span', true),
      schemaUrl: field(3, 'string'),
      extra,
    },
  },
  ResourceSpans: {
    fields: {
      resource: field(1, 'Resource'),
      scopeSpans: field(2, 'ScopeSpans', true),
      schemaUrl: field(3, 'string'),
      extra,
    },
  },
  TraceRequest: { fields: { resourceSpans: field(1, 'ResourceSpans', true), extra } },
  LogRecord: {
    fields: {
      timeUnixNano: field(1, 'fixed64'),
      severityNumber: field(2, 'int32'),
      severityText: field(3, 'string'),
      body: field(5, 'AnyValue'),
      attributes: field(6, 'KeyValue', true),
      flags: field(8, 'fixed32'),
      traceId: field(9, 'bytes'),
      spanId: field(10, 'bytes'),
      observedTimeUnixNano: field(11, 'fixed64'),
      eventName: field(12, 'string'),
      extra,
    },
  },
  ScopeLogs: {
    fields: {
      scope: field(1, 'InstrumentationScope'),
      logRecords: field(2, 'LogRecord', true),
      schemaUrl: field(3, 'string'),
    },
  },
  ResourceLogs: {
    fields: {
      resource: field(1, 'Resource'),
      scopeLogs: field(2, 'ScopeLogs', true),
      schemaUrl: field(3, 'string'),
    },
  },
  LogsRequest: { fields: { resourceLogs: field(1, 'ResourceLogs', true), extra } },
};

const root = protobuf.Root.fromJSON({ nested });

export const TraceRequest = root.lookupType('TraceRequest');
export const LogsRequest = root.lookupType('LogsRequest');
