/** What a page downloads: bundles as an application would make them, minified and in chunks. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Metafile } from 'esbuild';
import { leanRrwebPlugin } from '../../scripts/lean-rrweb.js';

const RECORDER = fileURLToPath(new URL('../../', import.meta.url));

export interface BundleOptions {
  /** TypeScript. */
  source: string;
  /** Where its imports are looked for; default: beside the recorder. */
  resolveDir?: string;
  /** Neither minified nor renamed. */
  readable?: boolean;
  /** Of the package as it is built and published, instead of its sources. */
  published?: boolean;
}

export interface Bundle {
  /** By name; `entry.js` is the one a page names. */
  files: ReadonlyMap<string, Uint8Array>;
  /** The entry and the chunks that it needs before it runs. */
  eager: readonly string[];
  /** What is loaded later, if at all. */
  lazy: readonly string[];
}

export async function bundle({
  source,
  resolveDir = RECORDER,
  readable = false,
  published = false,
}: BundleOptions): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: source, resolveDir, loader: 'ts' },
    bundle: true,
    minify: !readable,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    outdir: 'bundle',
    entryNames: 'entry',
    define: { 'process.env.NODE_ENV': '"production"' },
    // Naming any condition takes away esbuild's default one, which chooses ES modules.
    conditions: [...(published ? [] : ['otel-replay-source']), 'module', 'production'],
    logLevel: 'error',
    plugins: [leanRrwebPlugin],
    metafile: true,
    write: false,
  });
  const files = new Map(
    outputFiles.map(({ path, contents }) => [path.replace(/^.*[\\/]/, ''), contents]),
  );
  const eager = eagerOf(metafile);
  return { files, eager, lazy: [...files.keys()].filter((name) => !eager.includes(name)) };
}

/** Follows what is imported by statements; what `import()` names is not needed yet. */
function eagerOf({ outputs }: Metafile): string[] {
  const found = new Set<string>();
  const visit = (path: string): void => {
    if (found.has(path)) return;
    found.add(path);
    for (const { path: next, kind, external } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement' && !external) visit(next);
    }
  };
  visit('bundle/entry.js');
  return [...found].map((path) => path.slice('bundle/'.length));
}

/** As a server would send them, each for itself. */
export function gzippedBytes(made: Bundle, names: Iterable<string>): number {
  let sum = 0;
  for (const name of names) sum += gzipSync(made.files.get(name)!, { level: 9 }).length;
  return sum;
}

/** A page's tracing as the OpenTelemetry documentation sets it up, begun by `startRecorder()`. */
export const existingSetup = (imports = '', processors = ''): string => `
  import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
  import { registerInstrumentations } from '@opentelemetry/instrumentation';
  import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';
  import { BatchSpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web';
  ${imports}
  globalThis.startRecorder = () => {
    const url = location.origin + '/sink/otel/v1/traces';
    const provider = new WebTracerProvider({
      spanProcessors: [${processors} new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
    });
    provider.register();
    registerInstrumentations({ instrumentations: [new FetchInstrumentation()] });
  };
`;

/** The same with the recorder in it. */
export const recordedSetup = (options = ''): string =>
  existingSetup(
    `import { SessionReplaySpanProcessor } from 'recorder-otel';`,
    `new SessionReplaySpanProcessor({ url: location.origin + '/sink/ours/v1/traces', ${options} }),`,
  );
