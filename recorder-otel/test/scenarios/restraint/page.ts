import { metrics } from '@opentelemetry/api';
import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';
import { SessionReplaySpanProcessor } from 'recorder-otel';

const url = new URLSearchParams(location.search).get('ingest')!;
const counted: Record<string, number> = {};
const observed: Record<string, number> = {};
const callbacks = new Set<(result: unknown) => void>();
const instrument = (name: string) => ({
  name,
  add: (value: number) => (counted[name] = (counted[name] ?? 0) + value),
});
// What a meter provider gets to see; its SDK is no dependency of a page that has none.
metrics.setGlobalMeterProvider({
  getMeter: () =>
    ({
      createCounter: instrument,
      createObservableCounter: instrument,
      createObservableGauge: instrument,
      addBatchObservableCallback: (callback: (result: unknown) => void) => callbacks.add(callback),
      removeBatchObservableCallback: (callback: (result: unknown) => void) =>
        callbacks.delete(callback),
    }) as never,
});
const replay = new SessionReplaySpanProcessor({
  url,
  flushIntervalMs: 200,
  // Less than anything takes.
  overheadBudget: 0,
});
new WebTracerProvider({ spanProcessors: [replay] }).register();
Object.assign(window, {
  replay,
  observe: () => {
    const result = {
      observe: ({ name }: { name: string }, value: number) => (observed[name] = value),
    };
    for (const callback of callbacks) callback(result);
    return { ...observed, ...counted };
  },
});
