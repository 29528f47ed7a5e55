import { metrics } from '@opentelemetry/api';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

/** Reads when it is asked, instead of every so often. */
class Reader extends MetricReader {
  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }
  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}

const url = new URLSearchParams(location.search).get('ingest')!;
const reader = new Reader();
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
const replay = new SessionReplaySpanProcessor({
  url,
  flushIntervalMs: 200,
  // Less than anything takes.
  overheadBudget: 0,
});
new WebTracerProvider({ spanProcessors: [replay] }).register();

/** The values of all metrics of the recorder, by name and unit. */
async function observe(): Promise<Record<string, unknown>> {
  const { resourceMetrics, errors } = await reader.collect();
  if (errors.length > 0) throw errors[0];
  const own = resourceMetrics.scopeMetrics.filter(({ scope }) => scope.name === 'recorder-otel');
  return Object.fromEntries(
    own
      .flatMap(({ metrics: all }) => all)
      .map(({ descriptor, dataPoints }) => [
        `${descriptor.name} ${descriptor.unit}`,
        dataPoints.map(({ value }) => value)[0],
      ]),
  );
}

Object.assign(window, { replay, observe });
