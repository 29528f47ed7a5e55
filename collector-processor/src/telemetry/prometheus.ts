/**
 * The Prometheus text format (version 0.0.4), written by hand: the OpenTelemetry serialiser always
 * appends `_total`, while the Collector's own endpoint does not (`without_type_suffix`), and its
 * users' dashboards expect the Collector's names.
 */
import { METRICS, type MetricName } from './metric-table.js';
import type { MetricsSnapshot } from './metrics.js';

export const PROMETHEUS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Only metrics that have a point, in the order of their declaration. */
export function prometheusText(snapshot: MetricsSnapshot): string {
  const lines: string[] = [];
  for (const name of Object.keys(METRICS) as MetricName[]) {
    const points = snapshot.points.filter((point) => point.name === name);
    if (points.length === 0) continue;
    lines.push(`# HELP ${name} ${METRICS[name].description.replaceAll('\\', '\\\\')}`);
    lines.push(`# TYPE ${name} ${METRICS[name].type}`);
    for (const { attributes, value } of points) {
      const labels = Object.entries(attributes).map(
        ([key, text]) => `${labelName(key)}="${escapeLabel(text)}"`,
      );
      lines.push(`${name}${labels.length === 0 ? '' : `{${labels.join(',')}}`} ${value}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

const labelName = (key: string): string => key.replace(/[^A-Za-z0-9_]/g, '_');

const escapeLabel = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
