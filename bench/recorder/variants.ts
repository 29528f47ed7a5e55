/** What a page is recorded with. Each is a module that sets `startRecorder`; loading it starts nothing. */
import { fileURLToPath } from 'node:url';
import { decodePayload, joinParts } from '@otel-replay/protocol';
import { decodeProtobuf, segmentsOf } from '../../recorder-otel/test/support/otlp.js';
import { PEERS } from './peers.js';
import type { Received } from './sink.js';
import type { Variant } from './variant.js';

const RECORDER = fileURLToPath(new URL('../../recorder-otel', import.meta.url));

/** A page's tracing as the OpenTelemetry documentation sets it up. */
export const existingSetup = (imports: string, processors: string): string => `
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

/** rrweb with its defaults; events are kept as JSON, which any sender would at least have to make. */
const BARE = `${existingSetup(`import { record } from '@rrweb/record';`, '')}
  const startTracing = globalThis.startRecorder;
  globalThis.startRecorder = () => {
    startTracing();
    const kept = (globalThis.recorded = []);
    record({ emit: (event) => kept.push(JSON.stringify(event)) });
  };
`;

const ours = (options: string): string =>
  existingSetup(
    `import { SessionReplaySpanProcessor } from 'recorder-otel';`,
    `new SessionReplaySpanProcessor({ url: location.origin + '/sink/ours/v1/traces', ${options} }),`,
  );

const nothing = { resolveDir: RECORDER, peer: false };
const isOurs = ({ path }: Received): boolean => path.startsWith('/sink/ours/');

/** None, and what the others are held against, come first. */
export const VARIANTS: readonly Variant[] = [
  { ...nothing, name: 'none', source: 'globalThis.startRecorder = () => undefined;' },
  { ...nothing, name: 'otel', source: existingSetup('', '') },
  { ...nothing, name: 'rrweb', source: BARE },
  {
    ...nothing,
    name: 'ours',
    source: ours(''),
    isReplay: isOurs,
    decode: decodeOurs,
  },
  {
    ...nothing,
    name: 'ours-buffer',
    source: ours('sessionSampleRate: 0,'),
    isReplay: isOurs,
    decode: decodeOurs,
    silent: true,
  },
  ...PEERS,
];

/** Reads the segments as the processor does, compression and checksums included. */
async function decodeOurs(requests: Received[]): Promise<string> {
  const byIndex = new Map<string, Parameters<typeof joinParts>[0]>();
  for (const { header, data } of segmentsOf(requests.flatMap(({ body }) => decodeProtobuf(body)))) {
    const key = `${header.recordingId}/${header.index}`;
    byIndex.set(key, [...(byIndex.get(key) ?? []), { header: header.payload, data }]);
  }
  const events: unknown[] = [];
  for (const parts of byIndex.values()) {
    const { header, data } = parts.length > 1 ? joinParts(parts) : parts[0]!;
    events.push(...(await decodePayload(header, data)));
  }
  return JSON.stringify(events);
}
