/** From what was found on the wire to a checked segment, the same for both encodings and forms. */
import {
  ATTR_PAYLOAD_DATA,
  ATTR_SESSION_ID,
  checkPayload,
  ContractError,
  environmentOf,
  fromAttributes,
  type AttributeValue,
} from '@otel-replay/protocol';
import { stringOf, type AnyValue, type Attributes } from './model.js';
import type { CutOptions, CutSegment } from './types.js';

export interface FoundSegment {
  /** Of the span (or log record) and of the payload event together; changed by reading it. */
  attributes: Map<string, AnyValue>;
  /** Undefined when it was neither bytes nor base64. */
  data: Uint8Array | undefined;
  resource: Attributes;
}

/** Throws {@link ContractError} when the segment breaks the wire contract. */
export function buildSegment(found: FoundSegment, options: CutOptions): CutSegment {
  const { data } = found;
  if (data === undefined) {
    throw new ContractError(
      'invalid',
      ATTR_PAYLOAD_DATA,
      'is neither bytes nor a base64 string; an attribute length limit on the way cuts payloads',
    );
  }
  if (data.length > options.maxSegmentBytes) {
    throw new ContractError(
      'too_large',
      ATTR_PAYLOAD_DATA,
      `${data.length} bytes, at most ${options.maxSegmentBytes}; cut segments smaller`,
    );
  }
  const attributes = contractAttributes(found.attributes);
  const fromResource = stringOf(found.resource, ATTR_SESSION_ID);
  if (fromResource !== undefined && !attributes.has(ATTR_SESSION_ID)) {
    attributes.set(ATTR_SESSION_ID, fromResource);
  }
  const header = fromAttributes(attributes);
  checkPayload(header.payload, data);
  const serviceName = stringOf(found.resource, 'service.name');
  if (serviceName !== undefined) header.serviceName = serviceName;
  // Once for each place where playback can start is enough, and a ring is trimmed at them.
  const isStart = header.hasFullSnapshot && (header.payload.partIndex ?? 0) === 0;
  const environment = isStart ? environmentOf(attributes, found.resource) : undefined;
  if (environment !== undefined) header.environment = environment;
  return { header, data };
}

/** Maps and nulls cannot be contract attributes; a sender's own may be anything, and are left out. */
function contractAttributes(all: Map<string, AnyValue>): Map<string, AttributeValue> {
  for (const [key, value] of all) if (!isContractValue(value)) all.delete(key);
  return all as Map<string, AttributeValue>;
}

function isContractValue(value: AnyValue): boolean {
  if (value === null || typeof value !== 'object') return value !== null;
  return value instanceof Uint8Array || (Array.isArray(value) && value.every(isScalar));
}

function isScalar(value: AnyValue): boolean {
  return value !== null && typeof value !== 'object';
}
