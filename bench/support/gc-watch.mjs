// Preloaded into the measured process by `--import`: appends each garbage collection to GC_WATCH_FILE.
import { appendFileSync } from 'node:fs';
import { constants, PerformanceObserver } from 'node:perf_hooks';

const file = process.env.GC_WATCH_FILE;
const KINDS = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weak callbacks'],
]);

if (file !== undefined) {
  new PerformanceObserver((list) => {
    const lines = list
      .getEntries()
      .map(
        ({ detail, duration }) => `${KINDS.get(detail.kind) ?? 'other'} ${duration.toFixed(3)}\n`,
      );
    appendFileSync(file, lines.join(''));
  }).observe({ entryTypes: ['gc'] });
}
