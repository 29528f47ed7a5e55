// Unpacks Debian packages beside the system, so that tests can run real servers without installing them.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Package names are given to apt-get in groups of this size. */
const AT_ONCE = 20;

/** Why a peer cannot be prepared here, and what to do. */
export class PeerError extends Error {}

/**
 * Downloads `packages` with all they depend on that the system lacks, and unpacks them in
 * `directory`. It is there only when it is complete. Throws {@link PeerError}.
 *
 * @param {{ directory: string, packages: string[], without?: RegExp }} peer `without`: names of
 *   packages that are wanted by others but needed by none of the tests
 */
export function unpackDebianPackages({ directory, packages, without }) {
  const draft = `${directory}.draft`;
  rmSync(draft, { recursive: true, force: true });
  try {
    const names = download(packages, without, join(draft, 'debs'));
    for (const name of readdirSync(join(draft, 'debs'))) {
      execute('dpkg', ['-x', join(draft, 'debs', name), draft]);
    }
    rmSync(join(draft, 'debs'), { recursive: true });
    writeFileSync(join(draft, 'packages.txt'), `${names.join('\n')}\n`);
    rmSync(directory, { recursive: true, force: true });
    renameSync(draft, directory);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Refreshes apt's lists when they are missing or too old to download by. */
function download(packages, without, folder) {
  mkdirSync(folder, { recursive: true });
  const attempt = () => {
    const names = missingPackages(packages).filter((name) => without?.test(name) !== true);
    for (let i = 0; i < names.length; i += AT_ONCE) {
      execute('apt-get', ['download', '-q', ...names.slice(i, i + AT_ONCE)], { cwd: folder });
    }
    return names;
  };
  try {
    return attempt();
  } catch (error) {
    if (!(error instanceof PeerError) || process.getuid?.() !== 0) throw error;
    execute('apt-get', ['update', '-qq']);
    return attempt();
  }
}

/** What apt would install for `packages`. */
function missingPackages(packages) {
  const arguments_ = ['install', '-s', '--no-install-recommends', ...packages];
  const result = tryTo('apt-get', arguments_);
  if (result.status !== 0) {
    throw new PeerError(
      `apt-get knows no way to install ${packages.join(', ')}; on Debian or Ubuntu run: apt-get update\n${explain(result)}`,
    );
  }
  return [...result.stdout.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name);
}

function execute(command, args, options) {
  const result = tryTo(command, args, options);
  if (result.status !== 0) throw new PeerError(`${command} ${args[0]} failed\n${explain(result)}`);
}

function tryTo(command, args, options = {}) {
  return spawnSync(command, args, { encoding: 'utf8', ...options });
}

function explain({ error, stderr }) {
  return error === undefined ? stderr.trim() : error.message;
}
