/**
 * Cuts replay payloads out of OTLP requests. Every byte that is not payload is forwarded as it
 * came; nothing is decoded but the few spans that carry a segment or a signal.
 */
import { cutJsonLogs, cutJsonTraces } from './json-cut.js';
import { cutProtobufLogs, cutProtobufTraces } from './protobuf-cut.js';
import type { CutOptions, CutResult, OtlpContentType } from './types.js';

/**
 * An OTLP `ExportTraceServiceRequest`. The result holds views into `body`.
 * @throws MalformedOtlpError when `body` is not that; a segment that breaks the wire contract does
 *   not throw but lands in `rejected`
 */
export function cutTraces(
  body: Uint8Array,
  contentType: OtlpContentType,
  options: CutOptions,
): CutResult {
  return contentType === 'application/json'
    ? cutJsonTraces(body, options)
    : cutProtobufTraces(body, options);
}

/** An OTLP `ExportLogsServiceRequest`; as {@link cutTraces}. `spans` is empty. */
export function cutLogs(
  body: Uint8Array,
  contentType: OtlpContentType,
  options: CutOptions,
): CutResult {
  return contentType === 'application/json'
    ? cutJsonLogs(body, options)
    : cutProtobufLogs(body, options);
}
