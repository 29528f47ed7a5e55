/** What every process tells of itself, looked up when somebody asks. */
import type { Metrics } from './metrics.js';
import type { MetricsSource } from './snapshot.js';

export function processMetrics(metrics: Metrics): MetricsSource {
  return {
    snapshot: () => {
      const { user, system } = process.cpuUsage();
      metrics.set('otelcol_process_uptime', process.uptime());
      metrics.set('otelcol_process_cpu_seconds', (user + system) / 1e6);
      metrics.set('otelcol_process_memory_rss', process.memoryUsage.rss());
      return Promise.resolve(metrics.snapshot());
    },
  };
}
