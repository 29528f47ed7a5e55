/**
 * What the recorder does, as OpenTelemetry metrics of the page's own meter provider; without one they
 * cost nothing and go nowhere. Peers lost data in silence for days: these say so.
 */
import type { MetricsAPI } from '@opentelemetry/api';
import type { SegmentHeader } from '@otel-replay/protocol';
import type { Meter } from './meter.js';

export interface RecorderMetrics {
  segment: (header: Pick<SegmentHeader, 'eventCount' | 'droppedEvents'>) => void;
  stop: () => void;
}

export function createRecorderMetrics(meter: Meter, metrics: MetricsAPI): RecorderMetrics {
  const otel = metrics.getMeter('recorder-otel');
  const counter = (name: string, unit: string, description: string) =>
    otel.createCounter(`session_replay.recorder.${name}`, { unit, description });
  const segments = counter('segments', '{segment}', 'Segments cut.');
  const events = counter('events', '{event}', 'rrweb events recorded.');
  const dropped = counter('dropped_events', '{event}', 'Events lost before they were sent.');
  const spent = otel.createObservableCounter('session_replay.recorder.main_thread.time', {
    unit: 's',
    description: 'Time of the main thread that recording took.',
  });
  const snapshot = otel.createObservableGauge('session_replay.recorder.snapshot.duration', {
    unit: 's',
    description: 'What the dearest snapshot took.',
  });
  const level = otel.createObservableGauge('session_replay.recorder.restraint.level', {
    description: '0: all is recorded; 3: no changes of the page are.',
  });
  const observe = (result: { observe(of: unknown, value: number): void }): void => {
    result.observe(spent, meter.spentMs / 1000);
    result.observe(snapshot, meter.snapshotMs / 1000);
    result.observe(level, meter.level);
  };
  const all = [spent, snapshot, level];
  otel.addBatchObservableCallback(observe, all);
  return {
    segment: ({ eventCount, droppedEvents }) => {
      segments.add(1);
      events.add(eventCount);
      if (droppedEvents > 0) dropped.add(droppedEvents);
    },
    stop: () => otel.removeBatchObservableCallback(observe, all),
  };
}
