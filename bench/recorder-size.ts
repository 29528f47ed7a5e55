/**
 * What the recorder adds to a page that has OpenTelemetry already, minified and gzipped, rrweb
 * included. Run: `npm run bench -- recorder-size`. KB are 1024 bytes, as in the peers' figures that the
 * target is compared with (Sentry's replay adds 44 of them, PostHog's 75).
 */
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const TARGET_KB = 34;
const BAR_KB = 32;

const existingSetup = (imports: string, processors: string): string => `
  import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
  import { registerInstrumentations } from '@opentelemetry/instrumentation';
  import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';
  import { BatchSpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web';
  ${imports}
  const url = 'https://otel.example.com/v1/traces';
  const provider = new WebTracerProvider({
    spanProcessors: [${processors} new BatchSpanProcessor(new OTLPTraceExporter({ url }))],
  });
  provider.register();
  registerInstrumentations({ instrumentations: [new FetchInstrumentation()] });
`;

async function gzippedBytes(source: string): Promise<{ min: number; gzip: number }> {
  const { outputFiles } = await build({
    stdin: {
      contents: source,
      resolveDir: new URL('../recorder-otel', import.meta.url).pathname,
      loader: 'ts',
    },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    // Naming any condition takes away esbuild's default one, which chooses ES modules.
    conditions: ['otel-replay-source', 'module'],
    write: false,
  });
  const bytes = outputFiles[0]!.contents;
  return { min: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

const kb = (bytes: number): string => (bytes / 1024).toFixed(1);

const without = await gzippedBytes(existingSetup('', ''));
const withRecorder = await gzippedBytes(
  existingSetup(
    `import { SessionReplaySpanProcessor } from 'recorder-otel';`,
    `new SessionReplaySpanProcessor({ url }),`,
  ),
);
const rrweb = await gzippedBytes(
  existingSetup(`import { record } from '@rrweb/record'; globalThis.record = record;`, ''),
);
const added = withRecorder.gzip - without.gzip;

const rows: [string, { min: number; gzip: number }][] = [
  ['existing OTel web setup', without],
  ['+ @rrweb/record alone', rrweb],
  ['+ recorder-otel', withRecorder],
];
const lines = [
  `${'bundle'.padEnd(28)}${'min KB'.padStart(10)}${'gzip KB'.padStart(10)}${'added KB'.padStart(10)}`,
  ...rows.map(
    ([name, size]) =>
      `${name.padEnd(28)}${kb(size.min).padStart(10)}${kb(size.gzip).padStart(10)}${kb(size.gzip - without.gzip).padStart(10)}`,
  ),
];
const pass = added <= TARGET_KB * 1024;
lines.push(
  `recorder-size: ${kb(added)} KB (target <= ${TARGET_KB} KB added, bar ${BAR_KB}) ${pass ? 'pass' : 'fail'}`,
);
process.stdout.write(`${lines.join('\n')}\n`);
process.exitCode = pass ? 0 : 1;
