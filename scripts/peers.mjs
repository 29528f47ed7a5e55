// `npm run peers`: prepares the real servers that tests run against, in .cache/ (the Collector, which
// takes minutes to build, in the user's cache). Tests whose peer is missing are skipped with a
// reason, and fail where CI=true.
//
//   node scripts/peers.mjs [--force] [name]...
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { collector } from './peers/collector.mjs';
import { PeerError } from './peers/debian.mjs';
import { postgres } from './peers/postgres.mjs';
import { radosgw } from './peers/radosgw.mjs';
import { redisServer } from './peers/redis-server.mjs';
import { root } from './workspaces.mjs';

const PEERS = [postgres, radosgw, redisServer, collector];

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const force = process.argv.includes('--force');
const unknown = names.find((name) => !PEERS.some((peer) => peer.name === name));
if (unknown !== undefined) {
  console.error(`There is no peer "${unknown}"; known: ${PEERS.map((p) => p.name).join(', ')}`);
  process.exit(2);
}

const cache = join(root, '.cache');
mkdirSync(cache, { recursive: true });
for (const peer of PEERS.filter(({ name }) => names.length === 0 || names.includes(name))) {
  if (!force && (peer.isReady?.() ?? existsSync(join(cache, peer.name)))) {
    console.log(`${peer.name}: ready`);
    continue;
  }
  console.log(`${peer.name}: preparing ...`);
  try {
    peer.prepare(cache);
    console.log(`${peer.name}: ready`);
  } catch (error) {
    if (!(error instanceof PeerError)) throw error;
    console.error(`${peer.name}: CANNOT BE PREPARED. ${error.message}`);
    process.exitCode = 1;
  }
}
