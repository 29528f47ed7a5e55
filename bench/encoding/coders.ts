/** What is compared: the bytes that are compressed, in columns and as JSON. Runs anywhere. */
import { createColumnarEncoder, type ReplayEvent } from '@otel-replay/protocol';

export type Segment = readonly ReplayEvent[];
export type Coding = 'json' | 'columns';

export function asJson(segment: Segment): Uint8Array {
  const parts = segment.map((event) => JSON.stringify(event));
  return new TextEncoder().encode(`[${parts.join()}]`);
}

export function asColumns(segment: Segment): Uint8Array {
  const encoder = createColumnarEncoder();
  for (const event of segment) encoder.add(event);
  return encoder.finish();
}
