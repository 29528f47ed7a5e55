import '../grafana-data.fixture';
import type { DataFrame } from '@grafana/data';
import { describe, expect, it } from 'vitest';
import { SESSION_ID, T0, TRACE_ID, frame, kv, tempo } from '../trace/frames.fixture';
import { annotationMarks } from './annotations';
import { DEFAULTS, type PanelOptions } from './options';
import { readTarget, type Target } from './target';

const nothing = (text: string) => text;

function target(
  series: DataFrame[],
  options: Partial<PanelOptions> = {},
  variables: Record<string, string> = {},
  chosen?: string,
): Target {
  const interpolate = (text: string) =>
    text.replace(/\$\{(\w+)\}/g, (whole, name: string) => variables[name] ?? whole);
  const found = readTarget(series, { ...DEFAULTS, ...options }, interpolate, chosen);
  if (typeof found === 'string') {
    throw new Error(found);
  }
  return found;
}

const query = (cells: Record<string, unknown>, datasourceUid?: string) =>
  frame(Object.fromEntries(Object.entries(cells).map(([name, value]) => [name, [value]])), {
    meta: { custom: { sessionReplay: true, datasourceUid } },
  });

describe('what is played', () => {
  it('is nothing where nothing is asked for', () => {
    expect(readTarget([], DEFAULTS, nothing)).toBe('no_data');
    expect(readTarget([frame({})], DEFAULTS, nothing)).toBe('no_data');
    expect(readTarget([frame({ a: [1] })], DEFAULTS, nothing)).toBe('no_trace');
  });

  it('is the session of the trace, two seconds before what failed', () => {
    expect(target([tempo()])).toMatchObject({
      sessionId: SESSION_ID,
      traceId: TRACE_ID,
      recordingId: 'a'.repeat(32),
      time: T0 + 30.25 - 2000,
      dataSourceUid: undefined,
    });
    expect(target([tempo()], { leadInSeconds: 10 }).time).toBe(T0 + 30.25 - 10_000);
    const spanId = '00f067aa0ba902b7';
    expect(target([tempo()], {}, { spanId }).time).toBe(T0 - 2000);
  });

  it('is what variables name, where they exist', () => {
    const variables = { sessionId: 's-9', traceId: 'ABC' };
    expect(target([], {}, variables)).toMatchObject({
      sessionId: 's-9',
      traceId: 'abc'.padStart(32, '0'),
      time: undefined,
      focus: undefined,
    });
    expect(target([tempo()], {}, { sessionId: '', traceId: '' }).sessionId).toBe(SESSION_ID);
  });

  it('keeps the spans of the trace that a variable names', () => {
    const found = target([tempo()], {}, { traceId: '4bf92f3577b34da6' });
    expect(found.focus?.spans).toHaveLength(2);
    const other = target([tempo()], {}, { traceId: '5' });
    expect(other).toMatchObject({ focus: undefined, traces: [], time: undefined });
    expect(other.sessionId).toBeUndefined();
  });

  it('is what a query of ours names, from its data source', () => {
    const found = target([query({ sessionId: 's-1', traceId: '', spanId: '', time: T0 }, 'uid-1')]);
    expect(found).toMatchObject({ sessionId: 's-1', time: T0, dataSourceUid: 'uid-1' });
    const chosen = target([query({ sessionId: 's-1' }, 'uid-1')], { dataSourceUid: 'uid-2' });
    expect(chosen.dataSourceUid).toBe('uid-2');
  });

  it('is, of several traces, one with a session that failed, or the chosen one', () => {
    const clean = tempo({
      traceID: ['2', '2'],
      statusCode: [0, 0],
      logs: [null, null],
      startTime: [T0 - 900, T0 - 800],
    });
    const strange = tempo({ traceID: ['3', '3'], tags: [null, null] });
    const all = [clean, tempo(), strange];
    expect(target(all).traceId).toBe(TRACE_ID);
    expect(target(all, {}, {}, '2'.padStart(32, '0')).traceId).toBe('2'.padStart(32, '0'));
    expect(target(all).traces.map(({ traceId }) => Number.parseInt(traceId.slice(-1), 16))).toEqual(
      [2, 6],
    );
    const tags = [kv({ 'session.id': 's-2' }), null];
    const other = tempo({ traceID: ['4', '4'], tags });
    expect(target([tempo(), other], {}, { sessionId: 's-2' }).focus?.sessionId).toBe('s-2');
  });
});

describe('annotations', () => {
  it('are moments on the time line, as text', () => {
    const notes = frame({
      time: [T0, 'never', T0 + 5],
      title: ['Deploy', 'x', undefined],
      text: ['<b>v1.2</b>  of shop', '', ''],
    });
    expect(annotationMarks([notes], 500)).toMatchObject([
      { kind: 'event', time: T0 + 500, label: 'Deploy: v1.2 of shop' },
      { kind: 'event', time: T0 + 505, label: 'Annotation' },
    ]);
    expect(annotationMarks([frame({ text: ['x'] })], 0)).toEqual([]);
  });
});
