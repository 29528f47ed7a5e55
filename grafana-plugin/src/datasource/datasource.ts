/** Sessions of the replay API for Explore, dashboards, annotations and variables. */
import {
  DataSourceApi,
  type AnnotationSupport,
  type DataFrame,
  type DataQueryError,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceInstanceSettings,
  type LegacyMetricFindQueryOptions,
  type MetricFindValue,
  type ScopedVars,
  type TestDataSourceResponse,
  type TimeRange,
} from '@grafana/data';
import type { ApiSource } from '@otel-replay/player';
import { Observable } from 'rxjs';
import { annotationSupport } from './annotations';
import { errorsFrame, sessionsFrame } from './frames';
import { testReplayApi } from './health';
import { interpolate } from './interpolate';
import { listSessions } from './list-sessions';
import { proxyFetch } from './proxy-fetch';
import { apiAddress, sourceOfSettings } from './replay-source';
import { findErrors } from './session-errors';
import { sessionFrame } from './session-frame';
import { padTraceId } from './trace-id';
import {
  DEFAULT_LIMIT,
  MAX_LIMIT,
  type ReplayOptions,
  type ReplayQuery,
  type ReplayVariableQuery,
} from './types';
import { readApiUrl } from './api-url';
import { findVariableValues } from './variable-values';
import { ReplayVariableSupport } from './variables';

export class ReplayDataSource extends DataSourceApi<ReplayQuery, ReplayOptions> {
  readonly #settings: DataSourceInstanceSettings<ReplayOptions>;
  readonly #source: ApiSource;
  override annotations: AnnotationSupport<ReplayQuery>;
  override variables: ReplayVariableSupport;

  constructor(settings: DataSourceInstanceSettings<ReplayOptions>) {
    super(settings);
    this.#settings = settings;
    this.#source = sourceOfSettings(settings);
    this.annotations = annotationSupport(settings.uid);
    this.variables = new ReplayVariableSupport((query, options) =>
      this.metricFindQuery(query, options),
    );
  }

  override query(request: DataQueryRequest<ReplayQuery>): Observable<DataQueryResponse> {
    return new Observable((subscriber) => {
      const controller = new AbortController();
      void this.#answer(request, controller.signal).then(
        (response) => {
          subscriber.next(response);
          subscriber.complete();
        },
        (error: unknown) => subscriber.error(error),
      );
      return () => controller.abort();
    });
  }

  async #answer(
    { targets, range, scopedVars }: DataQueryRequest<ReplayQuery>,
    signal: AbortSignal,
  ): Promise<DataQueryResponse> {
    const errors: DataQueryError[] = [];
    const asked = targets.filter((target) => target.hide !== true && this.filterQuery(target));
    const frames = await Promise.all(
      asked.map(async (target) => {
        try {
          return [await this.#frame(target, range, scopedVars, signal)];
        } catch (error) {
          signal.throwIfAborted();
          errors.push({ refId: target.refId, message: messageOf(error) });
          return [];
        }
      }),
    );
    return { data: frames.flat(), ...(errors.length === 0 ? {} : { errors }) };
  }

  async #frame(
    target: ReplayQuery,
    range: TimeRange,
    scopedVars: ScopedVars,
    signal: AbortSignal,
  ): Promise<DataFrame> {
    const { query, services } = interpolate(target, scopedVars);
    const { refId } = query;
    if (query.queryType === 'session') {
      // The player asks for what it needs, and says itself why there may be nothing.
      return sessionFrame(refId, { ...targetOf(query), datasourceUid: this.uid });
    }
    const filters = {
      from: range.from.valueOf(),
      to: range.to.valueOf(),
      services,
      user: query.user,
      url: query.url,
    };
    if (query.queryType === 'errors') {
      const found = await findErrors(
        this.#source,
        { ...filters, sessionId: query.sessionId },
        signal,
      );
      return withNotice(
        errorsFrame(refId, found.errors, this),
        found.isPartial &&
          'Only the newest sessions with errors were read. Narrow the time range or the filters to see all.',
      );
    }
    const limit = Math.min(query.limit ?? DEFAULT_LIMIT, MAX_LIMIT);
    const error = query.errors === undefined ? undefined : query.errors === 'with';
    const list = { ...filters, text: query.text, error, limit };
    const { sessions, hasMore } = await listSessions(this.#source, list, signal);
    return withNotice(
      sessionsFrame(refId, sessions, this),
      hasMore && `There are more sessions than the ${sessions.length} newest that are shown.`,
    );
  }

  /** Grafana asks before each query: what is not filled in yet is not asked. */
  override filterQuery(query: ReplayQuery): boolean {
    return (
      query.queryType !== 'session' ||
      [query.sessionId, query.traceId].some((id) => id !== undefined && id.trim() !== '')
    );
  }

  override getDefaultQuery(): Partial<ReplayQuery> {
    return { queryType: 'sessions' };
  }

  override getQueryDisplayText(query: ReplayQuery): string {
    const { queryType = 'sessions', sessionId, traceId, service, user, url, text } = query;
    const words = [sessionId, traceId, service, user, url, text].filter(Boolean);
    return [queryType, ...words].join(' ');
  }

  override interpolateVariablesInQueries(
    queries: ReplayQuery[],
    scopedVars: ScopedVars,
  ): ReplayQuery[] {
    return queries.map((query) => ({
      ...interpolate(query, scopedVars).query,
      datasource: this.getRef(),
    }));
  }

  override async metricFindQuery(
    query: ReplayVariableQuery,
    { range, scopedVars }: LegacyMetricFindQueryOptions = {},
  ): Promise<MetricFindValue[]> {
    return findVariableValues(this.#source, query, { range, scopedVars });
  }

  override async testDatasource(): Promise<TestDataSourceResponse> {
    const { url, name, jsonData } = this.#settings;
    const { problem } = readApiUrl(jsonData.url);
    if (problem !== undefined) {
      return { status: 'error', message: problem };
    }
    return testReplayApi(apiAddress(url), proxyFetch(name), this.#source);
  }
}

function targetOf({ sessionId = '', traceId = '', spanId = '', time = '' }: ReplayQuery) {
  const at = Number(time);
  return {
    ...(sessionId === '' ? {} : { sessionId }),
    ...(traceId === '' ? {} : { traceId: padTraceId(traceId) }),
    ...(spanId === '' ? {} : { spanId }),
    ...(time === '' || !Number.isFinite(at) ? {} : { time: at }),
  };
}

function withNotice(frame: DataFrame, text: string | false): DataFrame {
  if (text === false) {
    return frame;
  }
  return { ...frame, meta: { ...frame.meta, notices: [{ severity: 'info', text }] } };
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
