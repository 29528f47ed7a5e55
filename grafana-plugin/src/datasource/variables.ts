/** Dashboard variables: sessions, services or users of the time range. */
import {
  CustomVariableSupport,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  type LegacyMetricFindQueryOptions,
  type MetricFindValue,
} from '@grafana/data';
import { from, map, type Observable } from 'rxjs';
import type { ReplayOptions, ReplayQuery, ReplayVariableQuery } from './types';
import { VariableEditor } from './variable-editor';

type Find = (
  query: ReplayVariableQuery,
  options: LegacyMetricFindQueryOptions,
) => Promise<MetricFindValue[]>;

export class ReplayVariableSupport extends CustomVariableSupport<
  DataSourceApi<ReplayQuery, ReplayOptions>,
  ReplayVariableQuery,
  ReplayQuery,
  ReplayOptions
> {
  override editor = VariableEditor;
  readonly #find: Find;

  constructor(find: Find) {
    super();
    this.#find = find;
  }

  override query(request: DataQueryRequest<ReplayVariableQuery>): Observable<DataQueryResponse> {
    const { range, scopedVars, targets } = request;
    const query = targets[0] ?? { refId: 'Variable' };
    return from(this.#find(query, { range, scopedVars })).pipe(map((data) => ({ data })));
  }
}
