/**
 * Ordinary traffic through the processor and through a real OpenTelemetry Collector, per CPU-second.
 *
 * Both run as child processes pinned to one core, take the same bodies over HTTP and hand them to
 * the same next hop, uncompressed. The Collector is its cheapest self: otlp receiver → otlp_http
 * exporter without queue or batch, logs and metrics off. Slices alternate between the two, so that
 * both see the machine in the same mood; CPU time is counted, not wall time. Then 10,000 spans a
 * second go through the processor, and to the next hop directly, for the latency it adds.
 */
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startProcessor } from '../collector-processor/test/support/processor.js';
import { Collector } from '../e2e/harness/collector.js';
import { freePorts } from '../e2e/harness/process.js';
import { collectorBinary } from '../scripts/peers/collector.mjs';
import { post } from './support/post.js';
import { pinSelf, processCost } from './support/process-cost.js';
import { MARK, setNumber, Sink } from './support/sink.js';
import { serviceSpans } from './support/spans.js';
import { printTable } from './support/table.js';

const TARGETS = { protobuf: 5, json: 2, p99Ms: 20 };
const CONNECTIONS = 8;
const SLICE_SECONDS = Number(process.env['BENCH_SLICE_SECONDS'] ?? 1.2);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 2);
/** 10,000 spans a second. */
const LATENCY = { spans: 100, everyMs: 10, requests: 500 };

type Encoding = 'protobuf' | 'json';
const CONTENT_TYPES = { protobuf: 'application/x-protobuf', json: 'application/json' } as const;

interface Service {
  url: string;
  pid: number;
}

/** One kind of traffic. */
interface Load {
  name: string;
  encoding: Encoding;
  spansPerBody: number;
  bodies: Buffer[];
}

if (!existsSync(collectorBinary())) {
  process.stdout.write('passthrough: no OpenTelemetry Collector; run `npm run peers` (fail)\n');
  process.exit(1);
}
const build = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
if (process.env['BENCH_BUILT'] === undefined) {
  if (spawnSync(process.execPath, [build], { stdio: 'inherit' }).status !== 0) process.exit(1);
}
const pinned = pinSelf(1);
const launcher = pinned ? ['taskset', '-c', '0'] : [];
const directory = mkdtempSync(join(tmpdir(), 'bench-passthrough-'));
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const sink = new Sink();
await sink.start();
const pids: number[] = [];
process.once('exit', () => {
  for (const pid of pids) process.kill(pid, 'SIGKILL');
});
try {
  await main();
} finally {
  agent.destroy();
  sink.stop();
  rmSync(directory, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const [ours, collector] = [await startOurs(), await startCollector()];
  pids.push(ours.pid, collector.pid);
  const loads = [
    load('protobuf', 100),
    load('protobuf', 500),
    load('json', 100),
    load('json', 500),
  ];
  // Until the compilers have settled.
  for (const one of loads) for (const service of [ours, collector]) await slice(service, one);
  const rows: (string | number)[][] = [
    ['bodies', 'KB', 'ours, spans per CPU s', 'Collector, spans per CPU s', 'ratio'],
  ];
  const ratios: Record<Encoding, number[]> = { protobuf: [], json: [] };
  for (const one of loads) {
    const [a, b] = await compare(one, ours, collector);
    ratios[one.encoding].push(a / b);
    rows.push([one.name, (one.bodies[0]?.length ?? 0) / 1000, a, b, a / b]);
  }
  const direct = await latencies(`${sink.url}/v1/traces`);
  const through = await latencies(ours.url);
  process.stdout.write(`\n${CONNECTIONS} connections${pinned ? ', one core each' : ''}\n\n`);
  printTable(rows);
  process.stdout.write('\n');
  printTable([
    ['latency at 10,000 spans/s, ms', 'p50', 'p99'],
    ['to the next hop directly', quantile(direct, 0.5), quantile(direct, 0.99)],
    ['through the processor', quantile(through, 0.5), quantile(through, 0.99)],
  ]);
  // The worse of both sizes: nobody should have to ask which one the claim was made with.
  const protobuf = Math.min(...ratios.protobuf);
  const json = Math.min(...ratios.json);
  const added = Math.max(0, quantile(through, 0.99) - quantile(direct, 0.5));
  const passed = protobuf >= TARGETS.protobuf && json >= TARGETS.json && added <= TARGETS.p99Ms;
  process.stdout.write(
    `\npassthrough: protobuf ${protobuf.toFixed(1)}x, JSON ${json.toFixed(1)}x of the Collector, p99 +${added.toFixed(1)} ms ` +
      `(target >= ${TARGETS.protobuf}x, >= ${TARGETS.json}x, <= ${TARGETS.p99Ms} ms) ${passed ? 'pass' : 'fail'}\n`,
  );
  process.exitCode = passed ? 0 : 1;
}

async function startOurs(): Promise<Service> {
  const processor = await startProcessor({
    directory,
    config: `
exporters: { otlp_http: { endpoint: '${sink.url}' } }
service:
  pipelines: { traces: { receivers: [otlp], exporters: [otlp_http, replay_store] } }
  telemetry: { logs: { level: info } }
`,
    launcher,
    built: true,
  });
  return { url: `${await processor.url('otlp')}/v1/traces`, pid: processor.pid };
}

async function startCollector(): Promise<Service> {
  const [otlp = 0, health = 0] = await freePorts(2);
  const config = join(directory, 'collector.yaml');
  writeFileSync(
    config,
    `
receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:${otlp}' } } } }
exporters:
  otlp_http: { endpoint: '${sink.url}', compression: none, sending_queue: { enabled: false } }
extensions: { health_check: { endpoint: '127.0.0.1:${health}' } }
service:
  extensions: [health_check]
  pipelines: { traces: { receivers: [otlp], exporters: [otlp_http] } }
  telemetry: { logs: { level: error }, metrics: { level: none } }
`,
  );
  const healthUrl = `http://127.0.0.1:${health}`;
  const collector = await Collector.start({ configs: [config], healthUrl, launcher });
  return { url: `http://127.0.0.1:${otlp}/v1/traces`, pid: collector.pid };
}

/** Several bodies, so that caches do not see one again and again. */
function load(encoding: Encoding, spansPerBody: number): Load {
  const serializer = encoding === 'json' ? JsonTraceSerializer : ProtobufTraceSerializer;
  const bodies = Array.from({ length: 16 }, (_, n) => {
    const spans = serviceSpans(spansPerBody, `${MARK.toString()}000000`);
    const body = Buffer.from(serializer.serializeRequest(spans)!);
    setNumber(body, n);
    return body;
  });
  return { name: `${encoding}, ${spansPerBody} spans`, encoding, spansPerBody, bodies };
}

async function compare(one: Load, a: Service, b: Service): Promise<[number, number]> {
  const totals = [a, b].map((service) => ({ service, spans: 0, cpuSeconds: 0 }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const total of totals) {
      const { spans, cpuSeconds } = await slice(total.service, one);
      total.spans += spans;
      total.cpuSeconds += cpuSeconds;
    }
  }
  const [first = 0, second = 0] = totals.map(({ spans, cpuSeconds }) => spans / cpuSeconds);
  return [first, second];
}

/** As fast as it answers, for a while; every body must have come out at the other end. */
async function slice(
  { url, pid }: Service,
  { encoding, bodies, spansPerBody }: Load,
): Promise<{ spans: number; cpuSeconds: number }> {
  const end = performance.now() + SLICE_SECONDS * 1000;
  const [before, arrivedBefore] = [processCost(pid), sink.requests];
  let sent = 0;
  const connection = async (): Promise<void> => {
    while (performance.now() < end) {
      const body = bodies[sent++ % bodies.length]!;
      await post(agent, url, CONTENT_TYPES[encoding], body);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  while (sink.requests - arrivedBefore < sent) await sleep(1);
  const cpuSeconds = processCost(pid).cpuSeconds - before.cpuSeconds;
  return { spans: sent * spansPerBody, cpuSeconds };
}

/** Milliseconds from before a request leaves here until it is whole at the next hop, sorted. */
async function latencies(url: string): Promise<number[]> {
  const { bodies } = load('protobuf', LATENCY.spans);
  const sent: number[] = [];
  const running: Promise<void>[] = [];
  sink.arrivals.clear();
  const start = performance.now();
  for (let n = 0; n < LATENCY.requests; n++) {
    await sleep(Math.max(0, start + n * LATENCY.everyMs - performance.now()));
    const body = Buffer.from(bodies[n % bodies.length]!);
    setNumber(body, n);
    sent.push(performance.now());
    running.push(post(agent, url, CONTENT_TYPES.protobuf, body));
  }
  await Promise.all(running);
  while (sink.arrivals.size < LATENCY.requests) await sleep(1);
  return sent.map((time, n) => sink.arrivals.get(n)! - time).sort((x, y) => x - y);
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN;
}
