/**
 * docker-compose.yml without an engine: every reference in it, in the Dockerfiles and in what they
 * mount is followed, and the real programs judge their own configurations.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { collectorBinary } from './peers/collector.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
// Of the processor, which reads YAML at run time.
const { parse } = createRequire(join(ROOT, 'collector-processor/package.json'))('yaml') as {
  parse: (text: string, options?: object) => unknown;
};

interface Service {
  image: string;
  build?: { context: string; dockerfile: string };
  user?: string;
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  restart?: string;
}

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const yaml = (path: string): Record<string, unknown> =>
  parse(read(path), { merge: true }) as Record<string, unknown>;
const compose = yaml('docker-compose.yml') as unknown as {
  services: Record<string, Service>;
  volumes: Record<string, null>;
};
const services = Object.entries(compose.services);
const service = (name: string): Service => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service "${name}"`);
  return found;
};

/** `${NAME:-default}` as it is without a `.env`. */
const withDefaults = (text: string): string =>
  text
    .replaceAll('$$', '\0')
    .replace(/\$\{(\w+):-([^}]*)\}/g, '$2')
    .replaceAll('\0', '$');

const DOCKERFILES = ['processor', 'shop', 'grafana'].map((name) => `docker/${name}.Dockerfile`);

/** What there is to ask with in each image; of the others nothing is known. */
const PROGRAMS: Record<string, readonly string[]> = {
  'busybox:': ['chown', 'sh', 'wget'],
  'dxflrs/garage:': ['/garage'],
  'grafana/tempo:': ['/tempo'],
  'otel-replay/processor:': ['node'],
  'otel-replay/shop:': ['node'],
  'otel-replay/grafana:': ['wget'],
};

/** Ports that something listens on inside of a service. */
const LISTENS: Record<string, readonly number[]> = {
  garage: [3900, 3901],
  tempo: [3200, 4318],
  'otel-collector': [4317, 4318, 13133],
  processor: [4318, 4319, 8787, 13133],
  shop: [3000],
  grafana: [3000],
};

describe('docker-compose.yml', () => {
  it.each(services)('%s: its image is of one exact release', (_name, { image }) => {
    expect(image).toMatch(/^[a-z0-9./-]+:v?\d+\.\d+\.\d+$/);
  });

  it.each(services)('%s: it may do no more than it needs', (name, one) => {
    expect(one.read_only).toBe(true);
    expect(one.cap_drop).toEqual(['ALL']);
    expect(one.security_opt).toEqual(['no-new-privileges:true']);
    expect(one.cap_add ?? []).toEqual(name === 'volume-owner' ? ['CHOWN'] : []);
    // Root gives volumes away; our own images name their user in the Dockerfile.
    if (name !== 'volume-owner' && one.build === undefined) expect(one.user).toMatch(/^[1-9]\d+:/);
  });

  it.each(services)('%s: it can be reached from this machine only', (_name, { ports = [] }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('publishes no port twice, and only ports that are listened on', () => {
    const published = services.flatMap(([name, { ports = [] }]) =>
      ports.map((port) => ({ name, parts: port.split(':') })),
    );
    const outside = published.map(({ parts }) => parts[1]);
    expect(new Set(outside).size).toBe(outside.length);
    for (const { name, parts } of published) expect(LISTENS[name]).toContain(Number(parts[2]));
  });

  it.each(services)('%s: what it mounts is there', (_name, { volumes = [] }) => {
    for (const volume of volumes) {
      const [source = '', target = '', mode] = volume.split(':');
      expect(target).toMatch(/^\//);
      if (source.startsWith('.')) {
        expect(existsSync(join(ROOT, source)), source).toBe(true);
        expect(mode).toBe('ro');
      } else expect(Object.keys(compose.volumes)).toContain(source);
    }
  });

  it('has no volume that nobody mounts', () => {
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes.map((v) => v.split(':')[0]));
    expect(Object.keys(compose.volumes).filter((name) => !mounted.includes(name))).toEqual([]);
  });

  it.each(services)('%s: it waits for what can be waited for', (_name, one) => {
    for (const [other, { condition }] of Object.entries(one.depends_on ?? {})) {
      const { healthcheck, restart } = service(other);
      if (condition === 'service_healthy') expect(healthcheck, other).toBeDefined();
      else if (condition === 'service_completed_successfully') expect(restart).toBeUndefined();
      else expect(other).toBe('otel-collector');
    }
  });

  it.each(services)('%s: its health is asked with what its image has', (name, one) => {
    const programs = Object.entries(PROGRAMS).find(([image]) => one.image.startsWith(image))?.[1];
    if (one.healthcheck === undefined) {
      expect(['volume-owner', 'collector-ready', 'otel-collector']).toContain(name);
      if (one.command !== undefined && programs !== undefined)
        expect(programs).toContain(one.command[0]);
      return;
    }
    const [kind, program = ''] = one.healthcheck.test;
    expect(kind).toBe('CMD');
    expect(programs).toContain(program);
  });

  it('names hosts and ports that are there', () => {
    const files = [
      'docker-compose.yml',
      'docker/processor/processor.yaml',
      'docker/collector/collector.yaml',
    ];
    const seen = files.flatMap((file) =>
      [...read(file).matchAll(/https?:\/\/([a-z][\w-]*):(\d+)/g)].map(([, host = '', port]) => {
        if (host === 'localhost') {
          const outside = services.flatMap(([, { ports = [] }]) =>
            ports.map((p) => p.split(':')[1]),
          );
          expect(outside, `${file}: ${host}:${port}`).toContain(port);
        } else expect(LISTENS[host], `${file}: ${host}:${port}`).toContain(Number(port));
        return `${host}:${port}`;
      }),
    );
    // The ways of placement (a): browser → processor → Collector → Tempo, and the tee back.
    for (const hop of ['localhost:4318', 'otel-collector:4318', 'tempo:4318', 'processor:4319']) {
      expect(seen).toContain(hop);
    }
    for (const hop of ['garage:3900', 'tempo:3200', 'processor:8787']) expect(seen).toContain(hop);
  });

  it('gives both sides of a secret the same value', () => {
    const { environment: garage = {} } = service('garage');
    const { environment: processor = {} } = service('processor');
    const { environment: grafana = {} } = service('grafana');
    expect(processor['AWS_ACCESS_KEY_ID']).toBe(garage['GARAGE_DEFAULT_ACCESS_KEY']);
    expect(processor['AWS_SECRET_ACCESS_KEY']).toBe(garage['GARAGE_DEFAULT_SECRET_KEY']);
    expect(processor['REPLAY_BUCKET']).toBe(garage['GARAGE_DEFAULT_BUCKET']);
    expect(processor['REPLAY_API_TOKEN']).toBe(grafana['REPLAY_API_TOKEN']);
    expect(withDefaults(garage['GARAGE_DEFAULT_ACCESS_KEY'] ?? '')).toMatch(/^GK[\da-f]{24}$/);
    expect(withDefaults(garage['GARAGE_DEFAULT_SECRET_KEY'] ?? '')).toMatch(/^[\da-f]{64}$/);
    expect(withDefaults(garage['GARAGE_RPC_SECRET'] ?? '')).toMatch(/^[\da-f]{64}$/);
  });

  it('is accepted by docker-compose, where there is one', ({ skip }) => {
    const found = spawnSync(
      'docker-compose',
      ['-f', join(ROOT, 'docker-compose.yml'), 'config', '-q'],
      {
        encoding: 'utf8',
        cwd: ROOT,
      },
    );
    if (found.error !== undefined) return skip('docker-compose is not installed');
    expect(found.stderr.replace(/.*obsolete.*\n?/g, '')).toBe('');
    expect(found.status).toBe(0);
  });
});

describe('the images', () => {
  it.each(DOCKERFILES)('%s: pinned, and no root', (file) => {
    const text = read(file);
    const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, image = '']) => image);
    for (const image of bases) expect(image).toMatch(/^[a-z0-9./-]+:v?\d+\.\d+\.\d+(-[a-z-]+)?$/);
    expect(bases.length).toBe(2);
    expect(
      text
        .trim()
        .split('\n')
        .findLast((line) => line.startsWith('USER ')),
    ).toMatch(/^USER (node|472)$/);
  });

  it.each(DOCKERFILES)('%s: what it copies is there, and not ignored', (file) => {
    const ignored = read('.dockerignore')
      .split('\n')
      .filter((line) => /^[\w.]/.test(line));
    for (const [, options = '', sources = ''] of read(file).matchAll(
      /^COPY ((?:--\S+ )*)(.+) \S+$/gm,
    )) {
      if (options.includes('--from=')) continue;
      for (const source of sources.split(' ')) {
        expect(existsSync(join(ROOT, source)), source).toBe(true);
        expect(ignored).not.toContain(source);
      }
    }
  });

  it.each(DOCKERFILES)('%s: the workspaces it builds are those it copies', (file) => {
    const text = read(file);
    const named = new Set([...text.matchAll(/ -w ([\w-]+)/g)].map(([, name]) => name));
    for (const name of named) expect(text).toMatch(new RegExp(`^COPY ${name} `, 'm'));
    for (const name of named) {
      const { dependencies = {} } = JSON.parse(read(`${name}/package.json`)) as {
        dependencies?: Record<string, string>;
      };
      const own = Object.keys(dependencies).filter((one) =>
        /^(@otel-replay\/|recorder-otel$)/.test(one),
      );
      for (const one of own)
        expect([...named], `${name} needs ${one}`).toContain(one.replace('@otel-replay/', ''));
    }
  });

  it('start the programs that are built', () => {
    const { bin } = JSON.parse(read('collector-processor/package.json')) as {
      bin: Record<string, string>;
    };
    const main = Object.values(bin)[0] ?? '';
    expect(read('docker/processor.Dockerfile')).toContain(`"collector-processor/${main}"`);
    const { scripts } = JSON.parse(read('backend-example/package.json')) as {
      scripts: Record<string, string>;
    };
    const started = scripts['start']?.replaceAll('dist/', 'backend-example/dist/').split(' ') ?? [];
    expect(read('docker/shop.Dockerfile')).toContain(
      `CMD ${JSON.stringify(started).replaceAll(',', ', ')}`,
    );
  });
});

describe('the configurations', () => {
  it.each(['all', 'errors'])('the processor accepts its own with the policy "%s"', (policy) => {
    const { environment = {}, command = [] } = service('processor');
    const env = Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, withDefaults(value)]),
    );
    const args = command.map((arg) =>
      arg
        .replace(/\$\{REPLAY_POLICY:-\w+\}/, policy)
        .replace(/^\/etc\/session-replay/, join(ROOT, 'docker/processor')),
    );
    const tsx = createRequire(import.meta.url).resolve('tsx/cli');
    const main = join(ROOT, 'collector-processor/src/main.ts');
    const run = spawnSync(
      process.execPath,
      [tsx, '--conditions=otel-replay-source', main, 'validate', ...args],
      { encoding: 'utf8', env: { ...process.env, ...env }, cwd: ROOT },
    );
    expect(`${run.stdout}${run.stderr}`).not.toMatch(/unknown|error:/i);
    expect(run.status, run.stderr).toBe(0);
  });

  it('every policy of REPLAY_POLICY has its file, and the default is one', () => {
    const policies = readdirSync(join(ROOT, 'docker/processor/policies'));
    expect(policies.sort()).toEqual(['all.yaml', 'errors.yaml']);
    const given = service('processor').command?.join(' ') ?? '';
    expect(policies).toContain(`${/REPLAY_POLICY:-(\w+)/.exec(given)?.[1]}.yaml`);
  });

  it('the processor is given every variable that it asks for', () => {
    const asked = [...read('docker/processor/processor.yaml').matchAll(/\$\{env:(\w+)\}/g)];
    const { environment = {} } = service('processor');
    for (const [, name = ''] of asked) expect(environment).toHaveProperty(name);
    expect(asked.length).toBeGreaterThan(2);
  });

  it('the shop is given variables that it reads', () => {
    const source = read('backend-example/src/server/config.ts');
    for (const name of Object.keys(service('shop').environment ?? {}))
      expect(source).toContain(`'${name}'`);
  });

  it('the Collector accepts its own', ({ skip }) => {
    if (!existsSync(collectorBinary())) return skip('npm run peers builds the Collector');
    const file = join(ROOT, 'docker/collector/collector.yaml');
    const run = spawnSync(collectorBinary(), ['validate', '--config', file], { encoding: 'utf8' });
    expect(`${run.stdout}${run.stderr}`).toBe('');
    expect(run.status).toBe(0);
    // What is judged is what runs.
    const version = /^ {2}version: (.+)$/m.exec(read('scripts/peers/collector-manifest.yaml'))?.[1];
    expect(service('otel-collector').image).toBe(`otel/opentelemetry-collector-contrib:${version}`);
  });

  it('the bucket, the region and the port of Garage are those the processor uses', () => {
    const toml = read('docker/garage/garage.toml');
    const { exporters } = yaml('docker/processor/processor.yaml') as {
      exporters: { replay_store: { s3uploader: { region: string; endpoint: string } } };
    };
    const { region, endpoint } = exporters.replay_store.s3uploader;
    expect(toml).toContain(`s3_region = "${region}"`);
    expect(toml).toContain(`api_bind_addr = "[::]:${new URL(endpoint).port}"`);
    for (const [, path = ''] of toml.matchAll(/_dir = "([^"]+)"/g)) {
      expect(
        service('garage').volumes?.some((v) => v.endsWith(`:${path}`)),
        path,
      ).toBe(true);
    }
  });

  it('Tempo writes to its volume only', () => {
    const paths = [...read('docker/tempo/tempo.yaml').matchAll(/path: (\S+)/g)];
    expect(paths.length).toBeGreaterThan(0);
    for (const [, path] of paths) expect(path).toMatch(/^\/var\/tempo\//);
    expect(service('tempo').volumes).toContain('tempo:/var/tempo');
  });
});

describe('Grafana', () => {
  const provisioning = 'grafana-plugin/provisioning';
  const files = ['dashboards', 'datasources', 'plugins'].map(
    (kind) => `${provisioning}/${kind}/session-replay.yaml`,
  );
  const { environment = {} } = service('grafana');
  const plugin = (path: string): { id: string; type: string } =>
    JSON.parse(read(`grafana-plugin/src/${path}`)) as { id: string; type: string };
  const datasources = (yaml(files[1]!) as { datasources: { uid: string; type: string }[] })
    .datasources;

  it('loads the plugins that are built, by their ids', () => {
    const ids = ['plugin.json', 'panel/plugin.json', 'datasource/plugin.json'].map(
      (p) => plugin(p).id,
    );
    expect(environment['GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS']?.split(',').sort()).toEqual(
      ids.sort(),
    );
    expect(read('docker/grafana.Dockerfile')).toContain(
      `/var/lib/grafana/plugins/${plugin('plugin.json').id}`,
    );
    expect(environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH']).toContain(
      `/plugins/${plugin('plugin.json').id}/`,
    );
    expect(service('shop').environment?.['VIEWER_URL']).toMatch(
      new RegExp(`/a/${plugin('plugin.json').id}$`),
    );
  });

  it('is of a release that the plugin allows, with nothing kept from an older one', () => {
    const base = /^FROM grafana\/grafana:(\d+)\./m.exec(read('docker/grafana.Dockerfile'))?.[1];
    expect(Number(base)).toBeGreaterThanOrEqual(13);
    // A volume over the plugins would hide those of a newer image.
    const data = service('grafana').volumes?.map((volume) => volume.split(':')[1]);
    expect(data).toEqual([environment['GF_PATHS_DATA']]);
  });

  it('is given every variable of the provisioning, and the rest of the dollars are doubled', () => {
    for (const file of files) {
      const text = read(file).replace(/^\s*#.*$/gm, '');
      const single = [...text.replaceAll('$$', '').matchAll(/\$\{?(\w*)/g)];
      for (const [, name = ''] of single) expect(environment, file).toHaveProperty(name);
    }
  });

  it('knows the data sources that dashboards, app and correlations name', () => {
    const uids = new Map(datasources.map(({ uid, type }) => [uid, type]));
    expect(uids.get('session-replay')).toBe(plugin('datasource/plugin.json').id);
    expect(uids.get('tempo')).toBe('tempo');
    for (const [, uid = ''] of read(files[1]!).matchAll(/targetUID: (\S+)/g))
      expect([...uids.keys()]).toContain(uid);
    const { apps } = yaml(files[2]!) as {
      apps: { type: string; jsonData: Record<string, string> }[];
    };
    expect(apps[0]?.type).toBe(plugin('plugin.json').id);
    for (const uid of Object.values(apps[0]?.jsonData ?? {}))
      expect([...uids.keys()]).toContain(uid);
  });

  it('finds the dashboard where the app brings it, with data sources that are there', () => {
    const home = environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'] ?? '';
    const folder = `/var/lib/grafana/plugins/${plugin('plugin.json').id}`;
    const source = home.replace(folder, 'grafana-plugin/src');
    const dashboard = JSON.parse(read(source)) as {
      templating: { list: { name: string; type: string; query: unknown }[] };
    };
    expect(read(files[0]!)).toContain(`path: ${folder}/dashboards`);
    const types = datasources.map(({ type }) => type);
    const variables = dashboard.templating.list.filter(({ type }) => type === 'datasource');
    expect(variables.length).toBeGreaterThan(0);
    for (const { query } of variables) expect(types).toContain(query);
    const named = [...JSON.stringify(dashboard).matchAll(/"uid":"([^"$-][^"]*)"/g)].map(
      ([, uid]) => uid,
    );
    const own = (JSON.parse(read(source)) as { uid: string }).uid;
    const known = [...datasources.map(({ uid }) => uid), own];
    expect(named.filter((uid) => uid !== undefined && !known.includes(uid))).toEqual([]);
  });
});
