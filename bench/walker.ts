/**
 * The wire walker alone: CPU time of walking protobuf bodies and writing what is forwarded, against
 * copying them (memcpy into a fresh buffer). "cut" is the walk and reading what it found: headers
 * of segments, signals; it is held against a decoder (protobufjs, decode + encode of the same body).
 *
 * Figure: memcpy time / walker time, geometric mean over the plain and replay bodies; every body is
 * printed, and one row more that shows what payload checksums add to the cut. A segment costs about
 * the same whatever its size, so bodies with large ones are above the mean.
 * CPU time of the process, medians of the ratios of interleaved rounds, because machines are shared.
 */
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { cutTraces } from '../collector-processor/src/otlp/cut.js';
import { walkProtobufTraces } from '../collector-processor/src/otlp/protobuf-cut.js';
import type { OtlpContentType } from '../collector-processor/src/otlp/types.js';
import { TraceRequest } from '../collector-processor/test/otlp/schema.js';
import { backendSpan, pageSpan, segmentSpan, type Span } from './support/spans.js';

const TARGET = 0.5;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 9);
/** CPU time one sample should take, milliseconds. */
const SAMPLE_MS = Number(process.env['BENCH_SAMPLE_MS'] ?? 25);
const OPTIONS = { forwardSegmentSpans: false, maxSegmentBytes: 1024 * 1024 };

/** The same body as another, with a checksum: printed, but not counted twice. */
const WITH_CHECKSUM = ' +crc32c';

function bodies(): [name: string, spans: Span[]][] {
  const backend = Array.from({ length: 500 }, (_, i) => backendSpan(i + 1));
  const page = Array.from({ length: 12 }, pageSpan);
  return [
    ['backend-50', backend.slice(0, 50)],
    ['backend-500', backend],
    ['web-1x20k', [...page, segmentSpan(0, 20_000)]],
    ['web-1x100k', [...page, segmentSpan(0, 100_000)]],
    ['web-1x300k', [...page, segmentSpan(0, 300_000)]],
    ['web-4x100k', [...page, ...[0, 1, 2, 3].map((i) => segmentSpan(i, 100_000))]],
    [`web-1x20k${WITH_CHECKSUM}`, [...page, segmentSpan(0, 20_000, true)]],
  ];
}

/** CPU microseconds per call, one figure per interleaved round. */
function measure(variants: Record<string, () => unknown>): Record<string, number[]> {
  const times: Record<string, number[]> = {};
  const repeats: Record<string, number> = {};
  for (const [name, run] of Object.entries(variants)) {
    for (let i = 0; i < 2000; i++) run(); // warm: the optimising compiler has settled on this body
    const one = cpuMicroseconds(run, 50);
    repeats[name] = Math.max(20, Math.ceil((SAMPLE_MS * 1000) / Math.max(one, 0.5)));
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(variants)) {
      (times[name] ??= []).push(cpuMicroseconds(run, repeats[name]!));
    }
  }
  return times;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** Median of the ratios round by round: both sides of a ratio saw the machine in the same mood. */
function ratioOf(times: Record<string, number[]>, a: string, b: string): number {
  return median(times[a]!.map((time, round) => time / times[b]![round]!));
}

function cpuMicroseconds(run: () => unknown, times: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

function main(): void {
  const rows: string[][] = [
    [
      'body',
      'bytes',
      'memcpy us',
      'walker us',
      'cut us',
      'protobufjs us',
      'memcpy/walker',
      'protobufjs/cut',
      'JSON us',
    ],
  ];
  const ratios: number[] = [];
  for (const [name, spans] of bodies()) {
    const type: OtlpContentType = 'application/x-protobuf';
    const body = Buffer.from(ProtobufTraceSerializer.serializeRequest(spans)!);
    const json = Buffer.from(JsonTraceSerializer.serializeRequest(spans)!);
    const times = measure({
      memcpy: () => Buffer.from(body),
      walker: () => walkProtobufTraces(body, OPTIONS).walk.forward(),
      cut: () => cutTraces(body, type, OPTIONS),
      protobufjs: () => TraceRequest.encode(TraceRequest.decode(body)).finish(),
      ...(process.env['BENCH_JSON'] === '0'
        ? {}
        : { json: () => cutTraces(json, 'application/json', OPTIONS) }),
    });
    const ratio = ratioOf(times, 'memcpy', 'walker');
    if (!name.endsWith(WITH_CHECKSUM)) ratios.push(ratio);
    rows.push([
      name,
      String(body.length),
      median(times['memcpy']!).toFixed(1),
      median(times['walker']!).toFixed(1),
      median(times['cut']!).toFixed(1),
      median(times['protobufjs']!).toFixed(0),
      `${ratio.toFixed(2)}x`,
      `${ratioOf(times, 'protobufjs', 'cut').toFixed(0)}x`,
      times['json'] === undefined ? '-' : median(times['json']).toFixed(0),
    ]);
  }
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const out = rows.map((row) => row.map((cell, i) => cell.padStart(widths[i]!)).join('  '));
  const figure = Math.exp(ratios.reduce((sum, r) => sum + Math.log(r), 0) / ratios.length);
  const passed = figure >= TARGET;
  process.stdout.write(`${out.join('\n')}\n\n`);
  process.stdout.write(
    `walker: ${figure.toFixed(2)}x memcpy (target >= ${TARGET}x memcpy) ${passed ? 'pass' : 'fail'}\n`,
  );
  process.exitCode = passed ? 0 : 1;
}

main();
