// Installs what is missing, so that a fresh clone needs no command of its own for it.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, run } from './workspaces.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: OTel Replay needs Node 20.19 or newer.`);
  process.exit(1);
}

/** npm notes in node_modules what it installed; a lockfile newer than that note needs a new install. */
function installFolder(folder) {
  const cwd = join(root, folder);
  const note = join(cwd, 'node_modules', '.package-lock.json');
  const lock = join(cwd, 'package-lock.json');
  if (existsSync(note) && statSync(note).mtimeMs >= statSync(lock).mtimeMs) return;
  console.log(`Installing dependencies${folder === '.' ? '' : ` of ${folder}`} (npm ci) ...`);
  const code = run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd });
  if (code !== 0) {
    console.error('npm ci failed; see the lines above.');
    process.exit(code);
  }
}

export function installIfNeeded() {
  installFolder('.');
}

/**
 * Grafana's toolchain is as large as everything else together: only what needs it installs it; as a
 * command, this file does.
 */
export function installGrafanaIfNeeded() {
  for (const folder of ['grafana-plugin', 'grafana-plugin/harness/react18']) installFolder(folder);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) installGrafanaIfNeeded();
