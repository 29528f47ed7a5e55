/** The same element in OpenTelemetry JS 3.x, whose packages cannot live beside 2.x in one tree. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { segmentsOf } from '../support/otlp.js';
import { scenario } from '../support/scenario.js';

const folder = fileURLToPath(new URL('.', import.meta.url));

function install(): boolean {
  if (existsSync(`${folder}node_modules/@opentelemetry/sdk-trace`)) return true;
  try {
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: 'ignore',
      timeout: 120_000,
    });
    return true;
  } catch {
    return false; // No registry in reach: the 2.x tests still ran.
  }
}

const alias = Object.fromEntries(
  ['api', 'exporter-trace-otlp-proto', 'sdk-trace'].map((name) => [
    `@opentelemetry/${name}`,
    `${folder}node_modules/@opentelemetry/${name}`,
  ]),
);

/** Type errors of a user's file in `at`, whose imports resolve to the packages there. */
function typeErrors(at: string, source: string): string[] {
  const file = `${at}users-file.ts`;
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    customConditions: ['otel-replay-source'],
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const fileExists = host.fileExists.bind(host);
  host.fileExists = (name) => name === file || fileExists(name);
  const getSourceFile = host.getSourceFile.bind(host);
  host.getSourceFile = (name, target) =>
    name === file ? ts.createSourceFile(name, source, target) : getSourceFile(name, target);
  const program = ts.createProgram([file], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

const usersFile = `
  import { AlwaysOnSampler, type Sampler, type SpanProcessor } from '@opentelemetry/sdk-trace';
  import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
  import { SessionReplaySpanProcessor } from 'recorder-otel';
  import { sessionSampler } from 'recorder-otel/tracestate';
  const replay = new SessionReplaySpanProcessor({
    exporter: new OTLPTraceExporter({ url: 'http://localhost:4318/v1/traces' }),
  });
  export const processor: SpanProcessor = replay;
  export const samplers: Sampler[] = [
    sessionSampler(replay),
    sessionSampler(replay, new AlwaysOnSampler()),
  ];
`;

test('fits the types of 2.x', () => {
  expect(typeErrors(fileURLToPath(new URL('../', import.meta.url)), usersFile)).toEqual([]);
});

describe.skipIf(!install())('OpenTelemetry JS 3.x', () => {
  const run = scenario(import.meta.url, {
    html: `<!doctype html><button>b</button><script src="/app.js"></script>`,
    alias,
  });

  test('fits the types of 3.x', () => {
    expect(typeErrors(folder, usersFile)).toEqual([]);
  });

  test.each(['ours', 'theirs'])('records and stamps, by exporter: %s', async (exporter) => {
    const page = await run.open({ exporter });
    await page.click('button');
    await page.evaluate('provider.forceFlush()');
    await run.ingest.until(() => run.ingest.spans.some(({ name }) => name === 'work'));
    await run.ingest.until(() => run.ingest.segments.some(({ header }) => header.clickCount === 1));
    const { segments, spans } = run.ingest;
    const work = spans.find(({ name }) => name === 'work')!;
    expect(segmentsOf([work])).toEqual([]);
    expect(work.attributes.get('session_replay.id')).toBe(segments[0]!.header.recordingId);
    expect(work.traceState).toBe(`sr=${segments[0]!.header.sessionId}`);
    expect(segments.flatMap(({ header }) => header.traceIds)).toContain(work.traceId);
    await run.ingest.events();
    expect(run.pageErrors).toEqual([]);
  });
});
