// The workspaces that have something to build, in the order of the import arrows.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
export const buildOrder = [
  'protocol',
  'recorder-otel',
  'player',
  'collector-processor',
  'backend-example',
];

/** Runs a command in the repository root with inherited output; its exit code. */
export function run(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    ...options,
  });
  if (error) throw error;
  return status ?? (signal ? 1 : 0);
}
