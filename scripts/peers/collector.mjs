// The OpenTelemetry Collector, built from Go modules by its official builder: the real peer of the
// placement tests and of bench/passthrough. The first build takes about 3 minutes of CPU, so the
// binary is kept outside the repository, where every checkout finds it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PeerError } from './debian.mjs';

const MANIFEST = new URL('collector-manifest.yaml', import.meta.url);

/** Where the binary is, once `npm run peers` has built it: keyed by the manifest. */
export function collectorBinary() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const key = createHash('sha256').update(readFileSync(MANIFEST)).digest('hex').slice(0, 12);
  return join(cache, 'otel-replay', `collector-${key}`, 'otelcol');
}

export const collector = {
  name: 'collector',
  isReady: () => existsSync(collectorBinary()),
  prepare() {
    const manifest = fileURLToPath(MANIFEST);
    const binary = collectorBinary();
    const directory = join(binary, '..');
    mkdirSync(directory, { recursive: true });
    const draft = mkdtempSync(join(directory, 'build-'));
    try {
      const builder = `go.opentelemetry.io/collector/cmd/builder@v${builderVersion()}`;
      const result = spawnSync('go', ['run', builder, '--config', manifest], {
        cwd: draft,
        encoding: 'utf8',
        env: { ...process.env, CGO_ENABLED: '0' },
      });
      if (result.error !== undefined) {
        throw new PeerError(`needs Go 1.25 or later in PATH (${result.error.message})`);
      }
      if (result.status !== 0) {
        throw new PeerError(`the Collector's builder failed\n${result.stderr.slice(-4000).trim()}`);
      }
      renameSync(join(draft, 'build', 'otelcol'), binary);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  },
};

/** The builder is of the same release as what it builds. */
function builderVersion() {
  const version = /^ {2}version: (.+)$/m.exec(readFileSync(MANIFEST, 'utf8'))?.[1];
  if (version === undefined) throw new Error('collector-manifest.yaml has no dist.version');
  return version;
}
