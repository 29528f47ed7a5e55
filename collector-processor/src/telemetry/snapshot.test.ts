import { describe, expect, it } from 'vitest';
import { Metrics, type MetricsSnapshot } from './metrics.js';
import { mergeSnapshots, retire } from './snapshot.js';

const REPLAY = 'otelcol_processor_session_replay_';

function worker(stored: number, buffered: number, up: number): MetricsSnapshot {
  const metrics = new Metrics();
  metrics.add(`${REPLAY}segments_stored`, stored, { store: 'filesystem' });
  metrics.set(`${REPLAY}segments_buffered`, buffered);
  metrics.set(`${REPLAY}coordination_up`, up, { connection: 'commands' });
  metrics.set('otelcol_process_uptime', stored * 10);
  return metrics.snapshot();
}

describe('snapshots of several processes', () => {
  it('are summed, but a connection is up only when it is everywhere', () => {
    const merged = mergeSnapshots([worker(3, 5, 1), worker(4, 6, 0), worker(1, 0, 1)]);
    expect(merged.points).toEqual([
      { name: `${REPLAY}segments_stored`, attributes: { store: 'filesystem' }, value: 8 },
      { name: `${REPLAY}segments_buffered`, attributes: {}, value: 11 },
      { name: `${REPLAY}coordination_up`, attributes: { connection: 'commands' }, value: 0 },
      { name: 'otelcol_process_uptime', attributes: {}, value: 40 },
    ]);
  });

  it('meet by attributes, whatever their order', () => {
    const one = new Metrics();
    one.add(`${REPLAY}signals`, 1, { kind: 'error_span', origin: 'backend' });
    const other = new Metrics();
    other.add(`${REPLAY}signals`, 2, { origin: 'backend', kind: 'error_span' });
    other.add(`${REPLAY}signals`, 4, { origin: 'browser', kind: 'error_span' });
    const { points } = mergeSnapshots([one.snapshot(), other.snapshot()]);
    expect(points.map(({ value }) => value)).toEqual([3, 4]);
  });

  it('of a process that is gone keep its counters, and its buffer on the books', () => {
    expect(retire(worker(3, 5, 1)).points).toEqual([
      { name: `${REPLAY}segments_stored`, attributes: { store: 'filesystem' }, value: 3 },
      { name: `${REPLAY}segments_left`, attributes: {}, value: 5 },
      { name: 'otelcol_process_uptime', attributes: {}, value: 30 },
    ]);
  });

  it('do not change when the process counts on', () => {
    const metrics = new Metrics();
    metrics.add(`${REPLAY}segments_stored`, 1);
    const before = metrics.snapshot();
    metrics.add(`${REPLAY}segments_stored`, 1);
    expect(before.points[0]?.value).toBe(1);
  });
});
