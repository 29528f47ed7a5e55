/** How fast the page was for its user, and which element it was about; never what that says. */
import type { CustomEvents } from '@otel-replay/protocol';
import { onCLS, onFCP, onINP, onLCP, onTTFB, type MetricType } from 'web-vitals';
import type { Recording } from '../recording.js';
import { FULL_SNAPSHOT } from '../shared.js';

type WebVital = CustomEvents['session_replay.web_vital'];

/**
 * Marks what has changed with each segment that is cut anyway, and whenever the page is hidden: any
 * time may be the last. The library says its final word after our segment is cut, so it is asked for
 * every change.
 */
export function recordWebVitals(recording: Recording): void {
  const known = new Map<string, MetricType>();
  let changed = new Set<string>();
  const note = recording.guard.wrap('vitals', (metric: MetricType) => {
    known.set(metric.name, metric);
    changed.add(metric.name);
    if (document.visibilityState === 'hidden') tell();
  });
  const tell = (): void => {
    const names = changed;
    changed = new Set();
    for (const name of names) {
      recording.mark('session_replay.web_vital', vitalOf(known.get(name)!, recording));
    }
  };
  for (const observe of [onCLS, onFCP, onINP, onLCP, onTTFB]) {
    observe(note, { reportAllChanges: true });
  }
  recording.on('due', tell);
  recording.on('leave', tell);
  // What came before may be forgotten: a buffer keeps the last half minute.
  recording.on('event', ({ type }) => {
    if (type === FULL_SNAPSHOT) changed = new Set(known.keys());
  });
}

function vitalOf({ name, value, rating, entries }: MetricType, { mirror }: Recording): WebVital {
  const id = mirror.getId(elementOf(entries));
  const digits = name === 'CLS' ? 10_000 : 1;
  return { name, value: Math.round(value * digits) / digits, rating, ...(id > 0 && { id }) };
}

/** Of the largest paint, the slowest interaction, or the largest shift. */
function elementOf(entries: readonly PerformanceEntry[]): Node | null {
  let largest: LayoutShift | undefined;
  for (const entry of entries) {
    const { element, target } = entry as { element?: Node; target?: Node };
    if (element ?? target) return (element ?? target)!;
    const shift = entry as LayoutShift;
    if (shift.sources && shift.value > (largest?.value ?? 0)) largest = shift;
  }
  return largest?.sources[0]?.node ?? null;
}

/** Not in TypeScript's own types. */
interface LayoutShift extends PerformanceEntry {
  value: number;
  sources: readonly { node: Node | null }[];
}
