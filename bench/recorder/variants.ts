/** What a page is recorded with. Each is a module that sets `startRecorder`; loading it starts nothing. */
import { decodePayload, joinParts } from '@otel-replay/protocol';
import { existingSetup, recordedSetup } from '../../recorder-otel/test/support/bundles.js';
import { decodeProtobuf, segmentsOf } from '../../recorder-otel/test/support/otlp.js';
import { PEERS } from './peers.js';
import type { Received } from './sink.js';
import type { Variant } from './variant.js';

/** rrweb with its defaults; events are kept as JSON, which any sender would at least have to make. */
const BARE = `${existingSetup(`import { record } from '@rrweb/record';`)}
  const startTracing = globalThis.startRecorder;
  globalThis.startRecorder = () => {
    startTracing();
    const kept = (globalThis.recorded = []);
    record({ emit: (event) => kept.push(JSON.stringify(event)) });
  };
`;

const isOurs = ({ path }: Received): boolean => path.startsWith('/sink/ours/');

/** None, and what the others are held against, come first. */
export const VARIANTS: readonly Variant[] = [
  { peer: false, name: 'none', source: 'globalThis.startRecorder = () => undefined;' },
  { peer: false, name: 'otel', source: existingSetup() },
  { peer: false, name: 'rrweb', source: BARE },
  {
    peer: false,
    name: 'ours',
    source: recordedSetup(),
    isReplay: isOurs,
    decode: decodeOurs,
  },
  {
    peer: false,
    name: 'ours-buffer',
    source: recordedSetup('sessionSampleRate: 0,'),
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
