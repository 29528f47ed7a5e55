/** Names, times and spans of the session in fixtures/session.replay. */

export const FIXTURE = {
  /** 2026-03-02T09:00:00Z */
  start: 1_772_442_000_000,
  sessionId: 'f6d8c1de-5f51-4b6f-9a9e-3f8a6f0b7c11',
  firstRecordingId: '11111111111111111111111111111111',
  secondRecordingId: '22222222222222222222222222222222',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  otherTraceId: '0af7651916cd43dd8448eb211c80319c',
  failingSpanId: '00f067aa0ba902b7',
  browserSpanId: 'b7ad6b7169203331',
  /** The trace begins 42 s into the session. */
  traceTime: 1_772_442_042_000,
  errorOffsetMs: 42_450,
  backendSkewMs: 3000,
} as const;

const text = (key: string, value: string): object => ({ key, value: { stringValue: value } });
const nano = (ms: number): string => `${Math.round(ms * 1000)}000`;

interface SpanOptions {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  from: number;
  to: number;
  error?: string;
  attributes?: object[];
  events?: object[];
}

function span(options: SpanOptions): object {
  const { traceId, spanId, parentSpanId, name, kind, from, to, error, attributes = [] } = options;
  const { events = [] } = options;
  return {
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    name,
    kind,
    startTimeUnixNano: nano(from),
    endTimeUnixNano: nano(to),
    attributes,
    events,
    status: error === undefined ? {} : { code: 2, message: error },
  };
}

/** An OTLP/JSON request: a browser span and, on clocks three seconds ahead, two backends under it. */
export function spansRequest(): object {
  const { traceId, otherTraceId, traceTime, browserSpanId, failingSpanId, sessionId } = FIXTURE;
  const skew = FIXTURE.backendSkewMs;
  return {
    resourceSpans: [
      {
        resource: {
          attributes: [
            text('service.name', 'ops-console'),
            text('telemetry.sdk.language', 'webjs'),
          ],
        },
        scopeSpans: [
          {
            spans: [
              span({
                traceId,
                spanId: browserSpanId,
                name: 'POST /orders/4711/refund',
                kind: 3,
                from: traceTime,
                to: traceTime + 480,
                error: 'HTTP 500',
                attributes: [text('session.id', sessionId)],
              }),
              span({
                traceId: otherTraceId,
                spanId: 'c0ffee0000000001',
                name: 'GET /orders',
                kind: 3,
                from: traceTime - 20_000,
                to: traceTime - 19_700,
                attributes: [text('session.id', sessionId)],
              }),
            ],
          },
        ],
      },
      {
        resource: {
          attributes: [text('service.name', 'orders'), text('telemetry.sdk.language', 'nodejs')],
        },
        scopeSpans: [
          {
            spans: [
              span({
                traceId,
                spanId: failingSpanId,
                parentSpanId: browserSpanId,
                name: 'POST /orders/:id/refund',
                kind: 2,
                from: traceTime + 40 + skew,
                to: traceTime + 440 + skew,
                error: 'card network timeout',
              }),
              span({
                traceId,
                spanId: 'd00d000000000002',
                parentSpanId: failingSpanId,
                name: 'payments.refund',
                kind: 3,
                from: traceTime + 60 + skew,
                to: traceTime + 430 + skew,
                error: 'card network timeout',
                attributes: [text('server.address', 'cards.example.net')],
                events: [
                  {
                    name: 'exception',
                    timeUnixNano: nano(traceTime + 425 + skew),
                    attributes: [
                      text('exception.type', 'TimeoutError'),
                      text('exception.message', 'card network timeout after 370 ms'),
                      text(
                        'exception.stacktrace',
                        'TimeoutError: card network timeout after 370 ms\n    at CardNetwork.refund (/srv/orders/cards.js:88:15)\n    at refundOrder (/srv/orders/refund.js:31:9)',
                      ),
                    ],
                  },
                ],
              }),
              span({
                traceId: otherTraceId,
                spanId: 'c0ffee0000000002',
                parentSpanId: 'c0ffee0000000001',
                name: 'GET /orders',
                kind: 2,
                from: traceTime - 19_950,
                to: traceTime - 19_750,
              }),
            ],
          },
        ],
      },
    ],
  };
}
