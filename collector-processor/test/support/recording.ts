/** A recording as the processor stores it: a page that grows by a line in every segment. */
import {
  decodePayload,
  decodeRecord,
  encodePayload,
  encodeRecord,
  segmentEntry,
  type PayloadFormat,
  type ReplayEvent,
  type SegmentEntry,
  type SegmentHeader,
} from '@otel-replay/protocol';
import { segment as cutSegment } from '../pipeline-world.js';
import type { CutSegment } from '../../src/otlp/types.js';

export const SEGMENT_MS = 5000;
export const START = 1_700_000_000_000;
const BODY = 4;

const element = (id: number, tagName: string, ...childNodes: unknown[]) => ({
  ...{ type: 2, id, tagName, attributes: {}, childNodes },
});

function eventsOf(index: number, isCheckpoint: boolean): ReplayEvent[] {
  const timestamp = START + index * SEGMENT_MS;
  const lines = Array.from({ length: index }, (_, i) => element(100 + i, 'p'));
  const html = element(2, 'html', element(3, 'head'), element(BODY, 'body', ...lines));
  const data = { node: { type: 0, id: 1, childNodes: [html] }, initialOffset: { top: 0, left: 0 } };
  const meta = { href: 'https://shop.example/', width: 800, height: 600 };
  const adds = [{ parentId: BODY, nextId: null, node: element(100 + index, 'p') }];
  const change = { source: 0, adds, removes: [], texts: [], attributes: [] };
  return [
    ...(isCheckpoint
      ? [
          { type: 4, timestamp, data: meta },
          { type: 2, timestamp, data },
        ]
      : []),
    { type: 3, timestamp: timestamp + 10, data: change },
  ];
}

/** `C` begins with a checkpoint, `.` does not, `-` is lost. */
export async function recorded(
  shape: string,
  format: PayloadFormat = 'rrweb',
  more: Partial<SegmentHeader> = {},
): Promise<CutSegment[]> {
  const segments: CutSegment[] = [];
  for (const [index, letter] of [...shape].entries()) {
    if (letter === '-') continue;
    const events = eventsOf(index, letter === 'C');
    const { header: payload, data } = await encodePayload(events, 'deflate-raw', format);
    const firstTimestamp = START + index * SEGMENT_MS;
    const times = { firstTimestamp, lastTimestamp: firstTimestamp + SEGMENT_MS - 100 };
    const facts = { ...times, hasFullSnapshot: letter === 'C', eventCount: events.length };
    const { header } = cutSegment({ index, ...facts, ...more });
    segments.push({ header: { ...header, payload }, data });
  }
  return segments;
}

export function entriesOf(segments: readonly CutSegment[]): SegmentEntry[] {
  return segments.map(({ header }) => segmentEntry(header));
}

export function recordOf({ header, data }: CutSegment): Uint8Array {
  return encodeRecord({ kind: 'segment', header, payload: data });
}

export interface ReadSegment {
  header: SegmentHeader;
  events: ReplayEvent[];
  /** Ids of the lines that its full snapshot shows; undefined without one. */
  lines: number[] | undefined;
}

export async function readSegment(bytes: Uint8Array): Promise<ReadSegment> {
  const { record } = decodeRecord(bytes);
  if (record.kind !== 'segment') throw new Error(record.kind);
  const { header, payload } = record;
  const events = await decodePayload(header.payload, payload);
  const snapshot = events.find(({ type }) => type === 2)?.data as
    { node: { childNodes: { childNodes: { childNodes: { id: number }[] }[] }[] } } | undefined;
  const lines = snapshot?.node.childNodes[0]!.childNodes[1]!.childNodes.map(({ id }) => id - 100);
  return { header, events, lines };
}
