/** What Grafana would refuse, or open into nothing: manifests, the bundled dashboard, provisioning files. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { ensurePluginBuilt } from '../harness/build.js';
import { migrateOptions } from '../src/panel/options';
import { APP_ID, DATASOURCE_ID, PANEL_ID } from '../src/plugin-ids';

// The processor's: one reader of YAML is enough for the house.
const { parse } = createRequire(new URL('../../collector-processor/package.json', import.meta.url))(
  'yaml',
) as { parse: (text: string) => unknown };
const PLUGIN = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(PLUGIN, path), 'utf8');

interface Manifest {
  id: string;
  type: string;
  name: string;
  info: Record<string, unknown> & { logos: { small: string; large: string }; version: string };
  includes?: Array<{ type: string; path: string }>;
  routes?: Array<{ path: string; method: string; url: string }>;
  dependencies: { grafanaDependency: string };
}

describe('the build', () => {
  let dist: string;
  const manifest = (folder: string) =>
    JSON.parse(readFileSync(join(dist, folder, 'plugin.json'), 'utf8')) as Manifest;
  beforeAll(async () => {
    dist = await ensurePluginBuilt();
  }, 900_000);

  it.each([
    ['', APP_ID, 'app'],
    ['panel', PANEL_ID, 'panel'],
    ['datasource', DATASOURCE_ID, 'datasource'],
  ])('has the plugin in "%s" whole', (folder, id, type) => {
    const { info, dependencies, ...about } = manifest(folder);
    expect(about).toMatchObject({ id, type });
    expect(id).toMatch(/^[0-9a-z]+-([0-9a-z]+-)?(app|panel|datasource)$/);
    // Nested plugins are signed with the app only under its organisation.
    expect(id.split('-')[0]).toBe(APP_ID.split('-')[0]);
    expect(info).toMatchObject({ author: { name: expect.any(String) as string } });
    expect(info['description']).toMatch(/\w.*\.$/);
    expect(info.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(info['updated']).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(dependencies.grafanaDependency).toBe('>=12.3.0');
    for (const path of ['module.js', info.logos.small, info.logos.large]) {
      expect(existsSync(join(dist, folder, path)), path).toBe(true);
    }
  });

  it('has every file that the app includes', () => {
    const files = (manifest('').includes ?? []).filter(({ type }) => type !== 'page');
    expect(files.map(({ type }) => type).sort()).toEqual(['dashboard', 'datasource', 'panel']);
    for (const { path } of files) {
      expect(existsSync(join(dist, path)), path).toBe(true);
    }
  });

  it('lets the data source read, and nothing else', () => {
    expect(manifest('datasource').routes).toMatchObject([
      { path: 'replay', method: 'GET', url: '{{ .JsonData.url }}' },
    ]);
  });

  it('has no recordings, tests or fixtures in it', () => {
    expect(existsSync(join(dist, 'trace'))).toBe(false);
    expect(existsSync(join(dist, 'README.md'))).toBe(true);
  });
});

describe('the dashboard', () => {
  const text = read('src/dashboards/trace-replay.json');
  interface Panel {
    id: number;
    type: string;
    title: string;
    gridPos: { x: number; y: number; w: number; h: number };
    datasource: { type: string; uid: string };
    targets: Array<Record<string, unknown>>;
    options?: Record<string, unknown>;
    fieldConfig?: {
      overrides: Array<{
        matcher: { options: string };
        properties: Array<{ id: string; value: Array<{ title: string; url: string }> }>;
      }>;
    };
  }
  const dashboard = JSON.parse(text) as {
    uid: string;
    graphTooltip: number;
    panels: Panel[];
    templating: { list: Array<{ name: string; type: string; query: unknown }> };
  };
  const { panels } = dashboard;
  const variables = dashboard.templating.list.map(({ name }) => name);

  it('names only variables that it has', () => {
    const used = [...text.matchAll(/\$\{(\w+)(?::\w+)?\}/g)].map(([, name]) => name);
    const ours = used.filter((name) => !name?.startsWith('__'));
    expect([...new Set(ours)].sort()).toEqual([...variables].sort());
    const set = [...text.matchAll(/var-(\w+)=/g)].map(([, name]) => name);
    expect(set.every((name) => variables.includes(name ?? ''))).toBe(true);
  });

  it('shows the trace beside its replay, by one query and with one cursor', () => {
    const trace = panels.find(({ type }) => type === 'traces');
    const replay = panels.find(({ type }) => type === PANEL_ID);
    expect(trace?.targets).toMatchObject([{ queryType: 'traceql', query: '${traceId}' }]);
    expect(replay?.datasource.uid).toBe('-- Dashboard --');
    expect(replay?.targets).toMatchObject([{ panelId: trace?.id }]);
    expect(trace?.gridPos.y).toBe(replay?.gridPos.y);
    expect(dashboard.graphTooltip).toBeGreaterThan(0);
  });

  it('gives the panel options that it has', () => {
    const given = panels.find(({ type }) => type === PANEL_ID)?.options ?? {};
    expect(migrateOptions(given)).toMatchObject(given);
  });

  it('leads from a click on a trace or a session to itself', () => {
    const links = panels.flatMap(({ fieldConfig }) =>
      (fieldConfig?.overrides ?? []).flatMap(({ matcher, properties }) =>
        properties
          .filter(({ id }) => id === 'links')
          .map(({ value }) => [matcher.options, value[0]?.url]),
      ),
    );
    const here = /^\/d\/\$\{__dashboard\.uid\}\?\$\{__url_time_range\}/;
    expect(links).toEqual([
      ['traceID', expect.stringMatching(here) as string],
      ['sessionId', expect.stringMatching(here) as string],
    ]);
  });

  it('has panels that do not lie over one another', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });
});

describe('provisioning', () => {
  interface DataSource {
    uid: string;
    type: string;
    correlations?: Array<{
      type: string;
      targetUID?: string;
      config: { target: Record<string, string>; transformations?: Array<{ expression: string }> };
    }>;
  }
  const source = read('provisioning/datasources/session-replay.yaml');
  const { datasources } = parse(source) as { datasources: DataSource[] };
  const uids = datasources.map(({ uid }) => uid);
  const correlations = datasources.flatMap(({ correlations: list }) => list ?? []);

  it('has the data sources that the app is told of', () => {
    const { apps } = parse(read('provisioning/plugins/session-replay.yaml')) as {
      apps: Array<{ type: string; jsonData: Record<string, string> }>;
    };
    expect(apps[0]?.type).toBe(APP_ID);
    expect(uids).toEqual(expect.arrayContaining(Object.values(apps[0]?.jsonData ?? {})));
    expect(datasources.find(({ type }) => type === DATASOURCE_ID)?.uid).toBe('session-replay');
  });

  it('leads from a span to a data source that is there, with variables left to Grafana', () => {
    const [query, page] = correlations;
    expect(query).toMatchObject({ type: 'query', targetUID: 'session-replay' });
    expect(query?.config.target).toEqual({
      queryType: 'session',
      sessionId: '$${sessionId}',
      traceId: '$${traceID}',
      spanId: '$${spanID}',
    });
    // A single `$` would be an environment variable of Grafana's server, and empty.
    expect(source.replaceAll('$$', '').match(/\$\{/g)).toBeNull();
    const [, uid] = /[?&]ds=([\w-]+)/.exec(page?.config.target['url'] ?? '') ?? [];
    expect(uids).toContain(uid);
  });

  it.each([
    '[{"value":"shop","key":"service.name"},{"value":"sess-1","key":"session.id"}]',
    '[{"key":"session.id","type":"string","value":"sess-1"},{"key":"a","value":"b"}]',
  ])('finds the session in %s', (tags) => {
    const [{ expression } = { expression: '' }] = correlations[0]?.config.transformations ?? [];
    expect(new RegExp(expression).exec(tags)?.[1]).toBe('sess-1');
    expect(new RegExp(expression).exec(tags.replace('session.id', 'other'))).toBeNull();
  });
});
