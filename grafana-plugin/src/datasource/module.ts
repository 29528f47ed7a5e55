import { DataSourcePlugin } from '@grafana/data';
import { ConfigEditor } from './config-editor';
import { ReplayDataSource } from './datasource';
import { QueryEditor } from './query-editor';
import type { ReplayOptions, ReplayQuery, ReplaySecrets } from './types';

export const plugin = new DataSourcePlugin<
  ReplayDataSource,
  ReplayQuery,
  ReplayOptions,
  ReplaySecrets
>(ReplayDataSource)
  .setConfigEditor(ConfigEditor)
  .setQueryEditor(QueryEditor);
