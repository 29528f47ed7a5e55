/** The processor reads every golden body of the wire contract as its expectation says. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodePayload, joinParts, LIMITS, type ReplayEvent } from '@otel-replay/protocol';
import type {
  ContentType,
  Expectation,
  FixtureIndex,
} from '@otel-replay/protocol/fixtures/types.js';
import { cutLogs, cutTraces } from '../src/otlp/cut.js';
import { MalformedOtlpError } from '../src/otlp/errors.js';
import type { CutResult, CutSegment } from '../src/otlp/types.js';

const FOLDER = dirname(
  createRequire(import.meta.url).resolve('@otel-replay/protocol/fixtures/index.json'),
);
const read = (path: string): Buffer => readFileSync(join(FOLDER, path));
const json = <T>(path: string): T => JSON.parse(read(path).toString()) as T;

const { fixtures, events: eventsFile } = json<FixtureIndex>('index.json');
const events = json<ReplayEvent[][]>(eventsFile);

function cut(signal: 'traces' | 'logs', body: Uint8Array, contentType: ContentType): CutResult {
  const options = { forwardSegmentSpans: false, maxSegmentBytes: LIMITS.SEGMENT_BYTES };
  return (signal === 'traces' ? cutTraces : cutLogs)(body, contentType, options);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function decodeAll(segments: readonly CutSegment[]): Promise<Map<number, ReplayEvent[]>> {
  const byIndex = new Map<number, CutSegment[]>();
  for (const segment of segments) {
    const { index } = segment.header;
    byIndex.set(index, [...(byIndex.get(index) ?? []), segment]);
  }
  const decoded = new Map<number, ReplayEvent[]>();
  for (const [index, parts] of byIndex) {
    const whole = joinParts(parts.map(({ header, data }) => ({ header: header.payload, data })));
    decoded.set(index, await decodePayload(whole.header, whole.data));
  }
  return decoded;
}

/** Equal messages: as bytes in protobuf, as values in JSON. */
function comparable(body: Uint8Array, contentType: ContentType): unknown {
  const buffer = Buffer.from(body);
  return contentType === 'application/json'
    ? JSON.parse(buffer.toString())
    : buffer.toString('hex');
}

const bodies = fixtures.flatMap((fixture) =>
  fixture.bodies.map((body) => ({ ...fixture, ...body, title: body.file })),
);

describe.each(bodies.filter((b) => b.expected !== null))('$title', (fixture) => {
  const { signal, contentType } = fixture;
  const expected = json<Expectation>(fixture.expected!);
  const body = read(fixture.file);
  const result = cut(signal, body, contentType);

  it('yields the segments', async () => {
    expect(
      // The environment is the processor's own, not of the contract with recorders.
      result.segments.map(({ header: { serviceName, ...header }, data }) => ({
        header: { ...header, environment: undefined },
        serviceName,
        payloadSha256: sha256(data),
      })),
    ).toEqual(expected.segments);
    const decoded = await decodeAll(result.segments);
    expect([...decoded.keys()]).toEqual(expected.decoded.map(({ index }) => index));
    for (const [index, found] of decoded) expect(found).toEqual(events[index]);
  });

  it('refuses what breaks the contract, naming the field', () => {
    expect(result.rejected.map(({ code, field }) => ({ code, field }))).toEqual(expected.rejected);
  });

  it('forwards the rest', () => {
    if (fixture.forward === null) {
      expect(result.forward).toBeUndefined();
      expect(result.forwardCount).toBe(0);
    } else if (fixture.forward === 'same') {
      expect(result.forward).toBe(body);
    } else {
      expect(comparable(result.forward!, contentType)).toEqual(
        comparable(read(fixture.forward), contentType),
      );
    }
  });
});

describe.each(bodies.filter((b) => b.expected === null))('$title', (fixture) => {
  it('is refused as a whole', () => {
    expect(() => cut(fixture.signal, read(fixture.file), fixture.contentType)).toThrow(
      MalformedOtlpError,
    );
  });
});
