/** Builds the plugin and the bundle of the host when their sources are newer. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

/** Grafana 13 runs React 19, Grafana 12 runs React 18. */
export type ReactVersion = 18 | 19;

const HARNESS = fileURLToPath(new URL('.', import.meta.url));
const PLUGIN = join(HARNESS, '..');
const ROOT = join(PLUGIN, '..');
/** Part of the plugin: what a session is put into as one page. */
const ONE_FILE = join(ROOT, 'player/dist/viewer/one-file.html');
const CACHE = join(ROOT, '.cache', 'grafana-plugin');
/** Far more than a build takes: whoever holds a lock for longer was killed. */
const STALE_LOCK_MS = 300_000;

/** The packages a host is built of. */
export function modulesOf(react: ReactVersion): string {
  return join(react === 19 ? PLUGIN : join(HARNESS, 'react18'), 'node_modules');
}

/** Folder with `main.js`. @throws Error that names the command when packages are not installed */
export async function buildHost(react: ReactVersion): Promise<string> {
  const modules = modulesOf(react);
  if (!existsSync(join(modules, '@grafana/ui/package.json'))) {
    throw new Error(`${modules} is missing: run "npm ci" in ${join(modules, '..')}`);
  }
  const state = fingerprint([
    join(HARNESS, 'host'),
    join(HARNESS, 'build.ts'),
    join(modules, '..', 'package-lock.json'),
  ]);
  // By what it is made of: whoever still runs on an older one keeps it.
  const folder = join(CACHE, `host-react${react}-${state.slice(0, 12)}`);
  await once(folder, state, async () => {
    await build({
      entryPoints: [join(HARNESS, 'host/main.tsx')],
      outdir: folder,
      bundle: true,
      format: 'esm',
      splitting: true,
      target: 'es2022',
      jsx: 'automatic',
      define: { 'process.env.NODE_ENV': '"development"', global: 'globalThis' },
      // Fonts as files: Grafana's policy refuses them as `data:`.
      loader: {
        '.svg': 'dataurl',
        '.png': 'dataurl',
        '.ttf': 'file',
        '.woff': 'file',
        '.woff2': 'file',
      },
      publicPath: '/',
      mainFields: ['module', 'browser', 'main'],
      conditions: ['browser', 'import', 'module'],
      plugins: [packagesFrom(join(modules, '..'))],
      logLevel: 'warning',
      // In Grafana's packages and in SystemJS; nothing of it is ours to change.
      logOverride: { 'direct-eval': 'silent', 'package.json': 'silent' },
    });
  });
  return folder;
}

/** The host's own imports come from one installation, whichever it is. */
function packagesFrom(folder: string): Plugin {
  return {
    name: 'packages-from',
    setup: ({ onResolve, resolve }) => {
      onResolve({ filter: /^[^.]/ }, ({ path, importer, kind, pluginData }) =>
        pluginData === 'resolved' || !importer.startsWith(join(HARNESS, 'host'))
          ? undefined
          : resolve(path, { kind, resolveDir: folder, pluginData: 'resolved' }),
      );
    },
  };
}

/**
 * The plugin's `dist`, as Grafana gets it; `PLUGIN_DIST` names one to be taken as it is.
 * @throws Error with the output of a build that fails
 */
export async function ensurePluginBuilt(): Promise<string> {
  const given = process.env['PLUGIN_DIST'];
  if (given !== undefined) {
    return given;
  }
  const dist = join(PLUGIN, 'dist');
  const state = fingerprint([
    join(PLUGIN, 'src'),
    join(PLUGIN, 'package-lock.json'),
    join(PLUGIN, 'webpack.config.ts'),
    join(PLUGIN, '.config'),
    join(ROOT, 'player/src'),
    join(ROOT, 'protocol/src'),
  ]);
  await once(dist, state, async () => {
    if (!existsSync(ONE_FILE)) {
      throw new Error(`${ONE_FILE} is missing: run "npm run build" in ${ROOT}`);
    }
    const { status, stdout, stderr } = spawnSync('npm', ['run', 'build', '--silent'], {
      cwd: PLUGIN,
      encoding: 'utf8',
    });
    if (status !== 0) {
      throw new Error(`npm run build in grafana-plugin failed:\n${stdout}${stderr}`);
    }
    await Promise.resolve();
  });
  return dist;
}

/** Test files run beside one another: one of them makes `folder`, the others wait for it. */
async function once(folder: string, state: string, make: () => Promise<void>): Promise<void> {
  mkdirSync(CACHE, { recursive: true });
  const name = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  const stamp = join(CACHE, `${name}.built`);
  const lock = join(CACHE, `${name}.lock`);
  const isFresh = (): boolean =>
    existsSync(folder) && existsSync(stamp) && readFileSync(stamp, 'utf8') === state;
  while (!isFresh()) {
    if (!acquire(lock)) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      continue;
    }
    try {
      if (isFresh()) {
        return;
      }
      await make();
      writeFileSync(stamp, state);
    } finally {
      rmdirSync(lock);
    }
  }
}

function acquire(lock: string): boolean {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const held = existsSync(lock) ? Date.now() - statSync(lock).mtimeMs : 0;
    if (held > STALE_LOCK_MS) {
      rmSync(lock, { recursive: true, force: true });
    }
    return false;
  }
}

function fingerprint(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths.flatMap((each) => [...files(each)]).sort()) {
    hash.update(path.slice(ROOT.length)).update(readFileSync(path));
  }
  return hash.digest('hex');
}

function* files(path: string): Iterable<string> {
  if (!existsSync(path)) {
    return;
  }
  if (!statSync(path).isDirectory()) {
    yield path;
    return;
  }
  for (const { name } of readdirSync(path, { withFileTypes: true })) {
    if (!/\.test\.tsx?$/.test(name)) {
      yield* files(join(path, name));
    }
  }
}
