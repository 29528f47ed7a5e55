/** A source whose manifest, spans and news are told under stricter rules. */
import type { ReplaySource } from '../client/source.js';
import type { Masks } from './rules.js';
import { maskValue } from './values.js';

/** Segments stay as they are: they are masked once they are decoded. */
export function maskedSource(source: ReplaySource, masks: Masks): ReplaySource {
  const masked: ReplaySource = {
    findTrace: (traceId, signal) => source.findTrace(traceId, signal),
    listSessions: async (query, signal) =>
      maskValue(await source.listSessions(query, signal), masks),
    manifest: async (sessionId, signal) =>
      maskValue(await source.manifest(sessionId, signal), masks),
    spans: async (sessionId, signal) => maskValue(await source.spans(sessionId, signal), masks),
    segments: (range, signal) => source.segments(range, signal),
  };
  if (source.live === undefined) return masked;
  return {
    ...masked,
    async *live(request, signal) {
      for await (const event of source.live!(request, signal)) yield maskValue(event, masks);
    },
  };
}
