/** What policies can read of a segment, by the names it has on the wire. */
import {
  ATTR_CLICK_COUNT,
  ATTR_REQUEST_COUNT,
  ATTR_FAILED_REQUEST_COUNT,
  ATTR_CONSOLE_ERROR_COUNT,
  ATTR_DEAD_CLICK_COUNT,
  ATTR_LONG_TASK_COUNT,
  ATTR_CUSTOM_EVENT_COUNT,
  ATTR_DROPPED_EVENTS,
  ATTR_ERROR_COUNT,
  ATTR_MASKING,
  ATTR_RAGE_CLICK_COUNT,
  ATTR_TRIGGER,
  ATTR_URL_FULL,
  ATTR_USER_HASH,
  ATTR_USER_ID,
  type SegmentHeader,
} from '@otel-replay/protocol';

interface StringAttribute {
  read(header: SegmentHeader): string | undefined;
  /** Says something of the segment, not of the visit as a whole. */
  momentary?: true;
}

export const STRING_ATTRIBUTES = {
  'service.name': { read: (h) => h.serviceName },
  [ATTR_URL_FULL]: { read: (h) => h.url },
  [ATTR_USER_ID]: { read: (h) => h.userId },
  [ATTR_USER_HASH]: { read: (h) => h.userHash },
  [ATTR_MASKING]: { read: (h) => h.masking },
  [ATTR_TRIGGER]: { read: (h) => h.trigger, momentary: true },
} as const satisfies Record<string, StringAttribute>;

type StringAttributeKey = keyof typeof STRING_ATTRIBUTES;

export function isSegmentText(key: string): key is StringAttributeKey {
  return Object.hasOwn(STRING_ATTRIBUTES, key);
}

/** Counts of one segment; what is not on the wire is 0. */
export const NUMERIC_ATTRIBUTES = {
  [ATTR_ERROR_COUNT]: (h) => h.errorCount,
  [ATTR_CLICK_COUNT]: (h) => h.clickCount,
  [ATTR_RAGE_CLICK_COUNT]: (h) => h.rageClickCount,
  [ATTR_REQUEST_COUNT]: (h) => h.requestCount ?? 0,
  [ATTR_FAILED_REQUEST_COUNT]: (h) => h.failedRequestCount ?? 0,
  [ATTR_CONSOLE_ERROR_COUNT]: (h) => h.consoleErrorCount ?? 0,
  [ATTR_DEAD_CLICK_COUNT]: (h) => h.deadClickCount ?? 0,
  [ATTR_LONG_TASK_COUNT]: (h) => h.longTaskCount ?? 0,
  [ATTR_CUSTOM_EVENT_COUNT]: (h) => h.customEventCount ?? 0,
  [ATTR_DROPPED_EVENTS]: (h) => h.droppedEvents,
} as const satisfies Record<string, (header: SegmentHeader) => number>;

type NumericAttributeKey = keyof typeof NUMERIC_ATTRIBUTES;

export function isSegmentCount(key: string): key is NumericAttributeKey {
  return Object.hasOwn(NUMERIC_ATTRIBUTES, key);
}

export function countOf(key: NumericAttributeKey, header: SegmentHeader): number {
  return NUMERIC_ATTRIBUTES[key](header);
}

export function stringAttributeOf(
  key: StringAttributeKey,
  header: SegmentHeader,
): { value: string | undefined; isMomentary: boolean } {
  const attribute: StringAttribute = STRING_ATTRIBUTES[key];
  return { value: attribute.read(header), isMomentary: attribute.momentary === true };
}
