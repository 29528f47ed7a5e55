/**
 * What servers say of themselves in `Server-Timing`, of the page and of everything it loads:
 *
 * - `traceparent;desc="00-<trace>-<span>-01"` or `trace;…`: the trace of their side, so that it
 *   leads to this recording although the browser did not begin it;
 * - `session-replay;desc="keep"`: their side failed, the session is worth keeping.
 *
 * Nothing else of the header is read. Other origins must allow it by `Timing-Allow-Origin`.
 */
import { traceOf } from '../capture/network.js';
import { observe } from '../capture/observe.js';
import type { LateParts } from '../capture/late-parts.js';

export function watchBackend({ recording, first, since }: LateParts): () => void {
  const failed = new Set<string>();
  const notice = (entry: PerformanceEntry): void => {
    const { serverTiming = [], name, responseEnd } = entry as PerformanceResourceTiming;
    if (serverTiming.length === 0 || (!first && responseEnd < since)) return;
    const said = (wanted: RegExp): string | undefined =>
      serverTiming.find((metric) => wanted.test(metric.name))?.description;
    const context = traceOf(said(/^trace(parent)?$/i));
    if (context) recording.trace(...context);
    if (said(/^session-replay$/i)?.toLowerCase() !== 'keep') return;
    const of = context && { traceId: context[0] };
    // One failure of the server may show in several of its answers.
    if (of && failed.has(of.traceId)) return;
    if (of && failed.size < 1000) failed.add(of.traceId);
    const url = recording.sanitizeUrl(name);
    recording.mark('session_replay.backend_error', { url, ...of });
    recording.trigger({ name: 'backend_error', ...of });
  };
  const stops = ['navigation', 'resource'].map((type) => observe(recording, type, notice));
  return () => stops.forEach((stop) => stop());
}
