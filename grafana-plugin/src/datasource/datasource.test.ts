/** Queries as dashboards send them, over HTTP as Grafana's proxy answers it, into frames of Grafana's. */
import '../grafana-data.fixture';
import {
  dateTime,
  type AnnotationQuery,
  type DataFrame,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
} from '@grafana/data';
import type { SessionManifest, SessionSummary, Signal } from '@otel-replay/player';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DATASOURCE_ID, PANEL_ID } from '../plugin-ids';
import { host } from '../runtime.fixture';
import { ReplayDataSource } from './datasource';
import { FakeGrafana, json } from './grafana.fixture';
import { readSessionFrame } from './session-frame';
import type { ReplayOptions, ReplayQuery } from './types';

vi.mock('@grafana/runtime', () => import('../runtime.fixture'));
// Of the editors, which nothing here draws; it wants a browser.
vi.mock('@grafana/ui', () => ({
  Input: {},
  InlineField: {},
  InlineFieldRow: {},
  RadioButtonGroup: {},
}));

const grafana = new FakeGrafana();
const HOUR = 3_600_000;
const START = 1_772_442_000_000;

const summary = (change: Partial<SessionSummary>): SessionSummary => ({
  version: 1,
  sessionId: 's1',
  firstTimestamp: START,
  lastTimestamp: START + 90_000,
  state: 'ended',
  serviceNames: ['shop'],
  urls: ['https://shop.example/cart'],
  recordingCount: 1,
  segmentCount: 3,
  bytes: 4096,
  errorCount: 2,
  clickCount: 7,
  rageClickCount: 1,
  traceCount: 4,
  ...change,
});

let sessions: SessionSummary[];
let signals: Signal[];

beforeAll(() => grafana.start());
afterAll(() => grafana.stop());
beforeEach(() => {
  host.backend = grafana.backend();
  host.variables = {};
  sessions = [summary({ userId: 'ada' }), summary({ sessionId: 's2', serviceNames: ['admin'] })];
  signals = [];
  grafana.asked.splice(0);
  grafana.answer = ({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, grafana.url);
    const [, kind, id] = /\/replay\/api\/v1\/(\w+)(?:\/([^/]+))?$/.exec(pathname) ?? [];
    if (kind === 'info') {
      return json(response, 200, { name: 'otel-replay', version: '1.2.3' });
    }
    const found = sessions.find((one) => one.sessionId === id);
    if (kind === 'sessions' && id === undefined) {
      const from = Number(searchParams.get('cursor') ?? 0);
      const to = from + Number(searchParams.get('limit'));
      const nextCursor = to < sessions.length ? { nextCursor: String(to) } : {};
      return json(response, 200, { sessions: sessions.slice(from, to), ...nextCursor });
    }
    if (kind !== 'sessions' || found === undefined) {
      return json(response, 404, { detail: 'none', status: 404, reason: 'never_recorded' });
    }
    const manifest: SessionManifest = { ...found, recordings: [], traces: [], signals };
    return json(response, 200, manifest);
  };
});

const settings = {
  uid: 'replays',
  name: 'Replays',
  type: DATASOURCE_ID,
  url: '/api/datasources/proxy/uid/replays',
  jsonData: { url: 'http://processor:8787' },
  access: 'proxy',
  readOnly: false,
} as DataSourceInstanceSettings<ReplayOptions>;
const dataSource = new ReplayDataSource(settings);
const range = {
  from: dateTime(START - HOUR),
  to: dateTime(START + HOUR),
  raw: { from: '', to: '' },
};

function ask(...targets: Array<Partial<ReplayQuery>>): Promise<DataQueryResponse> {
  const request = {
    targets: targets.map((one) => ({ refId: 'A', ...one })),
    range,
    scopedVars: {},
  };
  return lastValueFrom(dataSource.query(request as never));
}
async function frameOf(query: Partial<ReplayQuery>): Promise<DataFrame> {
  const { data, errors } = await ask(query);
  expect(errors).toBeUndefined();
  return data[0] as DataFrame;
}
const column = (frame: DataFrame, name: string) =>
  frame.fields.find((field) => field.name === name)?.values;
const askedFor = () => new URLSearchParams(grafana.asked[0]?.split('?')[1]);

describe('sessions', () => {
  it('are lines of a table, with ways to the replay', async () => {
    const frame = await frameOf({ queryType: 'sessions' });
    expect(column(frame, 'sessionId')).toEqual(['s1', 's2']);
    expect(column(frame, 'user')).toEqual(['ada', '']);
    expect(column(frame, 'duration')).toEqual([90_000, 90_000]);
    expect(frame.meta?.preferredVisualisationType).toBe('table');
    const [page, here] = frame.fields.find(({ name }) => name === 'sessionId')?.config.links ?? [];
    expect(page?.url).toBe('/a/otelreplay-sessionreplay-app/sessions/${__value.raw}?ds=replays');
    expect(here?.internal).toMatchObject({
      datasourceUid: 'replays',
      query: { queryType: 'session', sessionId: '${__value.raw}' },
    });
  });

  it('are asked for in the time range, with the filters and variables of the query', async () => {
    host.variables = { who: 'ada', services: 'shop' };
    await frameOf({
      queryType: 'sessions',
      user: '$who',
      service: '${services}',
      url: '/cart',
      errors: 'with',
      limit: 7,
    });
    expect(Object.fromEntries(askedFor())).toEqual({
      from: String(START - HOUR),
      to: String(START + HOUR),
      user: 'ada',
      service: 'shop',
      url: '/cart',
      error: 'true',
      limit: '7',
    });
  });

  it('are all of them for a variable that is All, or that is not there', async () => {
    host.variables = { service: '.*' };
    await frameOf({ queryType: 'sessions', service: '$service', user: '${nobody}' });
    expect(askedFor().has('service')).toBe(false);
    expect(askedFor().has('user')).toBe(false);
  });

  it('are sorted out here where a variable has several services', async () => {
    host.variables = { services: ['admin', 'other'] };
    const frame = await frameOf({ queryType: 'sessions', service: '$services' });
    expect(column(frame, 'sessionId')).toEqual(['s2']);
  });

  it('come in pages, and it says when there are more', async () => {
    sessions = Array.from({ length: 450 }, (_, i) => summary({ sessionId: `s${i}` }));
    const frame = await frameOf({ queryType: 'sessions', limit: 401 });
    expect(column(frame, 'sessionId')).toEqual(sessions.slice(0, 401).map((s) => s.sessionId));
    expect(grafana.asked.map((path) => /limit=(\d+)/.exec(path)?.[1])).toEqual(['200', '200', '1']);
    expect(frame.meta?.notices?.[0]?.text).toContain('401 newest');
    expect((await frameOf({ queryType: 'sessions', limit: 450 })).meta?.notices).toBeUndefined();
  });

  it('are found by an id, whatever the time range', async () => {
    const id = 'f6d8c1de-5f51-4b6f-9a9e-3f8a6f0b7c11';
    sessions = [summary({ sessionId: id, firstTimestamp: 5 })];
    expect(column(await frameOf({ queryType: 'sessions', text: id }), 'sessionId')).toEqual([id]);
    const none = await frameOf({ queryType: 'sessions', text: 'a'.repeat(32) });
    expect(none.length).toBe(0);
  });

  it('tell of a failure by its query, and leave the others', async () => {
    const { answer } = grafana;
    grafana.answer = (request, response) =>
      request.url?.includes('user=bad') ? json(response, 502, '{}') : answer(request, response);
    const { data, errors } = await ask(
      { refId: 'A', queryType: 'sessions', user: 'bad' },
      { refId: 'B', queryType: 'sessions' },
    );
    expect(errors).toMatchObject([
      { refId: 'A', message: expect.stringContaining('gets no answer') },
    ]);
    expect(data).toMatchObject([{ refId: 'B' }]);
  });
});

describe('a replay', () => {
  it('is a frame that Explore gives to the panel', async () => {
    host.variables = { traceId: '4BF92F3577B34DA6' };
    const frame = await frameOf({
      queryType: 'session',
      traceId: '$traceId',
      spanId: 'b7ad',
      time: '12',
    });
    expect(frame.meta?.preferredVisualisationPluginId).toBe(PANEL_ID);
    expect(readSessionFrame(frame)).toEqual({
      sessionId: undefined,
      traceId: '00000000000000004bf92f3577b34da6',
      spanId: 'b7ad',
      time: 12,
      datasourceUid: 'replays',
    });
    expect(grafana.asked).toEqual([]);
  });

  it('is not asked for before it is named', () => {
    expect(dataSource.filterQuery({ refId: 'A', queryType: 'session', sessionId: ' ' })).toBe(
      false,
    );
    expect(dataSource.filterQuery({ refId: 'A', queryType: 'session', traceId: '$x' })).toBe(true);
    expect(dataSource.filterQuery({ refId: 'A' })).toBe(true);
  });

  it('is told from other frames', async () => {
    expect(readSessionFrame(await frameOf({ queryType: 'sessions' }))).toBeUndefined();
  });
});

describe('errors', () => {
  const signal = (timestamp: number, change: Partial<Signal> = {}): Signal => ({
    kind: 'exception',
    timestamp,
    origin: 'browser',
    name: 'TypeError',
    message: '<img src=x onerror=alert(1)>',
    serviceName: 'shop',
    traceId: 'a'.repeat(32),
    ...change,
  });

  beforeEach(() => {
    sessions = [summary({})];
    signals = [signal(START + 5, { httpStatusCode: 500 }), signal(START), signal(START - 2 * HOUR)];
  });

  it('are those of the time range, in order', async () => {
    const frame = await frameOf({ queryType: 'errors' });
    expect(askedFor().get('error')).toBe('true');
    expect(column(frame, 'time')).toEqual([START, START + 5]);
    expect(column(frame, 'text')?.[1]).toContain('(500)');
    expect(column(frame, 'tags')).toEqual(['exception,browser', 'exception,browser']);
  });

  it('are those of one session without asking for others', async () => {
    await frameOf({ queryType: 'errors', sessionId: 's1' });
    expect(grafana.asked).toEqual([expect.stringMatching(/\/sessions\/s1$/)]);
  });

  it('are annotations that lead to the replay, and no page of their own', async () => {
    const annotation = { name: 'Errors', enable: true, iconColor: 'red', target: { refId: 'X' } };
    const query = dataSource.annotations.prepareQuery?.(annotation as AnnotationQuery<ReplayQuery>);
    expect(query).toEqual({ refId: 'X', queryType: 'errors' });
    const frame = await frameOf(query ?? {});
    const events = await firstValueFrom(
      dataSource.annotations.processEvents!(annotation as AnnotationQuery<ReplayQuery>, [frame]),
    );
    expect(events?.[0]).toMatchObject({
      time: START,
      title: 'Exception',
      tags: ['shop', 'exception', 'browser'],
    });
    expect(events?.[0]?.text).not.toContain('<img');
    expect(events?.[0]?.text).toContain(`/sessions/s1?t=${START}&amp;ds=replays`);
  });
});

describe('variables', () => {
  it.each([
    ['sessions', ['s1', 's2']],
    ['services', ['admin', 'shop']],
    ['users', ['ada']],
  ] as const)('list %s', async (values, expected) => {
    const found = await dataSource.metricFindQuery({ refId: 'V', values }, { range });
    expect(found.map(({ value }) => value)).toEqual(expected);
    const { data } = await firstValueFrom(
      dataSource.variables.query({
        targets: [{ refId: 'V', values }],
        range,
        scopedVars: {},
      } as never),
    );
    expect(data).toEqual(found);
  });
});

describe('save & test', () => {
  it('says which processor answers, and what it holds', async () => {
    expect(await dataSource.testDatasource()).toEqual({
      status: 'success',
      message: 'Connected to OTel Replay 1.2.3. The newest session began 2026-03-02 09:00 UTC.',
    });
    sessions = [];
    expect((await dataSource.testDatasource()).message).toContain('No session is kept yet');
  });

  it.each([
    [200, '<html>Tempo</html>', 'is no replay API'],
    [200, { version: '1' }, 'is no replay API'],
    [404, { detail: 'There is no /x', status: 404 }, 'There is no /x'],
    [400, 'Authentication to data source failed', 'refused the token'],
    [403, { message: 'no' }, 'does not let you query'],
    [502, '', 'gets no answer'],
  ])('explains %i %j', async (status, body, message) => {
    grafana.answer = (_request, response) => json(response, status, body);
    const result = await dataSource.testDatasource();
    expect(result).toMatchObject({ status: 'error', message: expect.stringContaining(message) });
  });

  it('does not ask where the address is wrong', async () => {
    const wrong = new ReplayDataSource({ ...settings, jsonData: {} });
    expect(await wrong.testDatasource()).toMatchObject({
      status: 'error',
      message: /Enter the address/,
    });
    expect(grafana.asked).toEqual([]);
  });
});

it('puts values into queries for Explore, which has no variables', () => {
  host.variables = { id: 's9' };
  const [query] = dataSource.interpolateVariablesInQueries(
    [{ refId: 'A', queryType: 'session', sessionId: '$id' }],
    {},
  );
  expect(query).toMatchObject({ sessionId: 's9', datasource: { uid: 'replays' } });
});
