/** A page that was recorded for minutes with one checkpoint, at its start: it grows line by line. */
import type { ReplayEvent } from '@otel-replay/protocol';
import {
  makeSegment,
  randomHex,
  send,
  tracesBody,
} from '../../collector-processor/test/support/otlp.js';
import type { ReplayApi } from './api.js';
import { eventually } from './eventually.js';

const SEGMENT_MS = 5000;
const SEGMENTS = 48;
/** Into its segment, each line comes. */
const LINE_MS = 10;
const BODY = 4;

export interface LongPage {
  sessionId: string;
  /** Unix milliseconds. */
  from: number;
  to: number;
  /** Lines of the page at a moment. */
  linesAt(time: number): number;
}

/** Resolves when all of it can be read. */
export async function sendLongPage(otlpUrl: string, api: ReplayApi): Promise<LongPage> {
  const from = Date.now() - (SEGMENTS + 6) * SEGMENT_MS;
  const [sessionId, recordingId] = [randomHex(16), randomHex(16)];
  for (let index = 0; index < SEGMENTS; index++) {
    const firstTimestamp = from + index * SEGMENT_MS;
    const events = eventsOf(index, firstTimestamp);
    const times = { firstTimestamp, lastTimestamp: firstTimestamp + SEGMENT_MS - 100 };
    const header = { sessionId, recordingId, index, ...times, clientSendTime: Date.now() };
    const answer = await send(otlpUrl, tracesBody('protobuf', [await makeSegment(header, events)]));
    if (!answer.ok) throw new Error(`the processor answered ${answer.status}`);
    await answer.arrayBuffer();
  }
  await eventually('all segments of the long page', async () => {
    const [recording] = (await api.manifest(sessionId)).recordings;
    return recording?.segments.length === SEGMENTS;
  });
  return {
    ...{ sessionId, from, to: from + SEGMENTS * SEGMENT_MS },
    linesAt: (time) => Math.floor((time - from - LINE_MS) / SEGMENT_MS) + 1,
  };
}

function eventsOf(index: number, timestamp: number): ReplayEvent[] {
  const element = (id: number, tagName: string, ...childNodes: object[]): object => ({
    ...{ type: 2, id, tagName, attributes: {}, childNodes },
  });
  const html = element(2, 'html', element(3, 'head'), element(BODY, 'body'));
  const page = { node: { type: 0, id: 1, childNodes: [html] }, initialOffset: { top: 0, left: 0 } };
  const [line, text] = [1000 + 2 * index, 1001 + 2 * index];
  const adds = [
    { parentId: BODY, nextId: null, node: element(line, 'p') },
    { parentId: line, nextId: null, node: { type: 3, id: text, textContent: `line ${index}` } },
  ];
  const change = { source: 0, adds, removes: [], texts: [], attributes: [] };
  const size = { href: 'https://shop.example.com/log', width: 800, height: 600 };
  return [
    ...(index > 0
      ? []
      : [
          { type: 4, timestamp, data: size },
          { type: 2, timestamp, data: page },
        ]),
    { type: 3, timestamp: timestamp + LINE_MS, data: change },
  ];
}
