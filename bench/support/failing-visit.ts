/** A visit whose backend fails, as the service gets to see it. */
import {
  makeSegment,
  randomHex,
  send,
  tracesBody,
} from '../../collector-processor/test/support/otlp.js';

export interface FailingVisit {
  sessionId: string;
  recordingId: string;
  traceId: string;
  segments: number;
  /** The last of the requests, which completes what a decision needs. */
  complete: () => Promise<void>;
}

const SEGMENTS = 4;

/**
 * Sends all but the last request. `errorFirst`: the failing span comes before the segment that names
 * its trace.
 * @param otlp base URL
 */
export async function beginVisit(otlp: string, errorFirst: boolean): Promise<FailingVisit> {
  const [sessionId, recordingId, traceId] = [randomHex(16), randomHex(16), randomHex(16)];
  const post = async (body: Uint8Array): Promise<void> => {
    const response = await send(otlp, body);
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`the service answered ${response.status}`);
  };
  const segment = async (index: number): Promise<Uint8Array> => {
    const traceIds = index === SEGMENTS - 1 ? [traceId] : [];
    return tracesBody('protobuf', [await makeSegment({ sessionId, recordingId, index, traceIds })]);
  };
  for (let index = 0; index < SEGMENTS - 1; index++) await post(await segment(index));
  const last = await segment(SEGMENTS - 1);
  const error = tracesBody('protobuf', [], [{ traceId, name: 'POST /checkout', error: true }]);
  await post(errorFirst ? error : last);
  const complete = (): Promise<void> => post(errorFirst ? last : error);
  return { sessionId, recordingId, traceId, segments: SEGMENTS, complete };
}
