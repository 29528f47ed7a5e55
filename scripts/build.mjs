// Builds every workspace whose sources (or whose dependencies' sources) changed since its last build.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installIfNeeded } from './install.mjs';
import { buildOrder, root, run } from './workspaces.mjs';

const IGNORED = new Set(['node_modules', 'dist', 'test', 'fixtures', 'coverage', 'README.md']);

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (IGNORED.has(entry.name) || /\.test\.tsx?$/.test(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (entry.isFile()) yield path;
  }
}

/** Hash of all that a build of `workspace` reads; `before` covers the workspaces built before it. */
function fingerprint(workspace, before) {
  const hash = createHash('sha256')
    .update(before)
    .update(readFileSync(join(root, 'package-lock.json')));
  for (const path of [...sources(join(root, workspace))].sort()) {
    hash.update(path.slice(root.length)).update(readFileSync(path));
  }
  return hash.digest('hex');
}

/** Exits the process with npm's code when a build fails. */
export function buildIfNeeded() {
  let before = readFileSync(join(root, 'tsconfig.json'), 'utf8');
  for (const workspace of buildOrder) {
    const stamp = join(root, workspace, 'dist', '.built');
    before = fingerprint(workspace, before);
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === before) continue;
    console.log(`Building ${workspace} ...`);
    rmSync(join(root, workspace, 'dist'), { recursive: true, force: true });
    const code = run('npm', ['run', 'build', '--silent', '-w', workspace]);
    if (code !== 0) {
      console.error(`The build of ${workspace} failed; see the lines above.`);
      process.exit(code);
    }
    writeFileSync(stamp, before);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  installIfNeeded();
  buildIfNeeded();
}
