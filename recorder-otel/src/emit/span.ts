/**
 * Segments become spans built here, not by a tracer: `addEvent` drops bytes, keeps 128 events and
 * lets a user's length limits cut payloads in silence; exporters take any object of this shape.
 */
import {
  ATTR_PAYLOAD_DATA,
  ATTR_RECORDER,
  ATTR_SCREEN,
  ATTR_USER_AGENT,
  SEGMENT_NAME,
  toAttributes,
} from '@otel-replay/protocol/sending';
import type { Segment } from '../segment/packer.js';
import { randomHex } from '../shared.js';

/** Seconds and nanoseconds since the Unix epoch, as OpenTelemetry JS writes times. */
export type HrTime = [number, number];

/** What exporters read of a Resource (2.x and 3.x). */
export interface ResourceLike {
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface SpanContextLike {
  traceId: string;
  spanId: string;
  traceFlags: number;
}

/** The part of the SDK's `ReadableSpan` that exporters use. */
export interface SegmentSpan {
  name: string;
  kind: number;
  spanContext: () => SpanContextLike;
  startTime: HrTime;
  endTime: HrTime;
  duration: HrTime;
  ended: boolean;
  status: { code: number };
  attributes: Record<string, string | number | boolean | string[]>;
  links: { context: SpanContextLike; attributes: Record<string, never> }[];
  events: {
    name: string;
    time: HrTime;
    attributes: Record<string, string | number | Uint8Array>;
  }[];
  resource: ResourceLike;
  instrumentationScope: { name: string; version: string };
  droppedAttributesCount: number;
  droppedEventsCount: number;
  droppedLinksCount: number;
}

export const SCOPE = { name: 'recorder-otel', version: '0.1.0' };

const SAMPLED = 1;

function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}

/** What the replay is looked at with in mind; once for each place where playback can start. */
function noteEnvironment(attributes: SegmentSpan['attributes']): void {
  const { navigator, screen } = globalThis as Partial<typeof globalThis>;
  attributes[ATTR_RECORDER] = `${SCOPE.name}/${SCOPE.version}`;
  if (navigator) attributes[ATTR_USER_AGENT] = navigator.userAgent;
  if (screen) attributes[ATTR_SCREEN] = `${screen.width}x${screen.height}`;
}

/** The span of a segment, as it leaves at `sendTime` (Unix ms). */
export function segmentSpan(
  segment: Segment,
  resource: ResourceLike,
  sendTime: number,
): SegmentSpan {
  const { header, data, links } = segment;
  const { span, event } = toAttributes({ ...header, clientSendTime: sendTime });
  if (header.hasFullSnapshot) noteEnvironment(span);
  const spanId = randomHex(8);
  const startTime = hrTime(header.firstTimestamp);
  const endTime = hrTime(header.lastTimestamp);
  return {
    name: SEGMENT_NAME,
    kind: 0,
    spanContext: () => ({ traceId: header.recordingId, spanId, traceFlags: SAMPLED }),
    startTime,
    endTime,
    duration: hrTime(header.lastTimestamp - header.firstTimestamp),
    ended: true,
    status: { code: 0 },
    attributes: span,
    links: Array.from(links, ([traceId, linked]) => ({
      context: { traceId, spanId: linked, traceFlags: SAMPLED },
      attributes: {},
    })),
    events: [
      { name: SEGMENT_NAME, time: endTime, attributes: { ...event, [ATTR_PAYLOAD_DATA]: data } },
    ],
    resource,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
