// Type-checks every workspace, tests included, against the other workspaces' sources.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildOrder, root, run } from './workspaces.mjs';

const failed = [...buildOrder, 'e2e', 'bench', '.'].filter((workspace) => {
  const config = join(workspace, 'tsconfig.json');
  return existsSync(join(root, config)) && run('npx', ['tsc', '-p', config]) !== 0;
});
if (failed.length > 0) {
  console.error(`Type errors in: ${failed.join(', ')}`);
  process.exit(1);
}
