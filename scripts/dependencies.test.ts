/** docs/dependencies.md and the package.json files name the same packages. */
import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../', import.meta.url);
const SECTIONS = [
  'dependencies',
  'devDependencies',
  'peerDependencies',
  'optionalDependencies',
] as const;

type Manifest = { name: string } & Partial<
  Record<(typeof SECTIONS)[number], Record<string, string>>
>;

/** By package, sorted: who names it. */
type Users = Record<string, string[]>;

async function manifests(): Promise<Map<string, Manifest>> {
  const entries = await readdir(ROOT, { withFileTypes: true });
  const folders = entries.filter((e) => e.isDirectory() && e.name !== 'node_modules');
  const found = new Map<string, Manifest>();
  for (const folder of ['', ...folders.map((e) => `${e.name}/`)]) {
    const text = await readFile(new URL(`${folder}package.json`, ROOT), 'utf8').catch(() => null);
    if (text !== null) found.set(folder.slice(0, -1) || 'root', JSON.parse(text) as Manifest);
  }
  return found;
}

async function declared(): Promise<Users> {
  const all = await manifests();
  const own = new Set([...all.values()].map((manifest) => manifest.name));
  const users = new Map<string, Set<string>>();
  for (const [folder, manifest] of all) {
    for (const name of SECTIONS.flatMap((section) => Object.keys(manifest[section] ?? {}))) {
      if (own.has(name)) continue;
      users.set(name, (users.get(name) ?? new Set()).add(folder));
    }
  }
  return sorted([...users].map(([name, folders]) => [name, [...folders]]));
}

interface Line {
  name: string;
  users: string[];
  reason: string;
}

async function documented(): Promise<Line[]> {
  const page = await readFile(new URL('docs/dependencies.md', ROOT), 'utf8');
  return page
    .split('\n')
    .filter((line) => line.startsWith('- '))
    .map((line) => {
      const [, name, users, reason] = /^- `([^`]+)` \(([^)]+)\): (.+)$/.exec(line) ?? [];
      if (name === undefined) throw new Error(`not "- \`package\` (users): reason": ${line}`);
      return { name, users: users!.split(', '), reason: reason! };
    });
}

function sorted(users: [string, string[]][]): Users {
  return Object.fromEntries(
    users.map(([name, folders]): [string, string[]] => [name, folders.sort()]).sort(),
  );
}

describe('docs/dependencies.md', () => {
  it('has a line for every dependency, and no others', async () => {
    const lines = await documented();
    expect(sorted(lines.map(({ name, users }) => [name, users]))).toEqual(await declared());
  });

  it('names each once', async () => {
    const names = (await documented()).map((line) => line.name);
    expect(names).toEqual([...new Set(names)]);
  });

  it('gives each a size', async () => {
    const without = (await documented()).filter(({ reason }) => !/\d (?:KB|MB)/.test(reason));
    expect(without).toEqual([]);
  });
});
