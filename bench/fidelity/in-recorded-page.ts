/** The script of a recorded page: `?way=` says with what it is recorded. */
import { record } from '@rrweb/record';
import { declareShadowRoot, SessionReplaySpanProcessor } from 'recorder-otel';
import { record as oursRecord } from '../../recorder-otel/src/record/rrweb.js';
import { allNodes, describeNodes, type Described } from './describe.js';

/** What the benchmark calls. */
export interface RecordedPage {
  isRecording: () => boolean;
  look: () => Described;
  /** Resolves to the events, as JSON, or when they were sent. */
  finish: () => Promise<string | undefined>;
}

export interface RecordedWindow {
  recorded?: RecordedPage;
}

const settings = new URLSearchParams(location.search);
const ingest = settings.get('ingest');
/** The recorder's rrweb is another module than bare rrweb. */
const { mirror } = (ingest === null ? record : oursRecord) as unknown as {
  mirror: { getId(node: Node): number };
};
const events: unknown[] = [];
let processor: SessionReplaySpanProcessor | undefined;
if (ingest === null) {
  (record as unknown as (options: object) => void)({
    emit: (event: unknown) => events.push(event),
  });
} else {
  processor = new SessionReplaySpanProcessor({
    url: ingest,
    flushIntervalMs: 60_000,
    checkpointIntervalMs: 600_000,
    offline: false,
    resource: { attributes: { 'service.name': 'fidelity' } },
    capture: { canvas: { fps: 10, quality: 1 }, pictures: { quality: 1 }, fonts: true },
  });
  // What a page says that has closed shadow roots.
  Object.assign(globalThis, { declareShadowRoot });
}

const page: RecordedPage = {
  isRecording: () => mirror.getId(document) > 0,
  look: () =>
    describeNodes(
      [...allNodes(document)].flatMap((node): [number, Node][] => {
        const id = mirror.getId(node);
        return id > 0 ? [[id, node]] : [];
      }),
    ),
  finish: async () => {
    await processor?.forceFlush();
    return processor === undefined ? JSON.stringify(events) : undefined;
  },
};
Object.assign(globalThis, { recorded: page });
