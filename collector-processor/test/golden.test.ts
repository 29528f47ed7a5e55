/** The golden bodies of the wire contract through the whole process. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { RecordReader } from '@otel-replay/protocol';
import type { Expectation, FixtureIndex } from '@otel-replay/protocol/fixtures/types.js';
import { describe, expect, it } from 'vitest';
import { createHarness, eventually } from './support/harness.js';
import { NextHop } from './support/next-hop.js';
import { send } from './support/otlp.js';

const harness = createHarness();
const FOLDER = dirname(
  createRequire(import.meta.url).resolve('@otel-replay/protocol/fixtures/index.json'),
);
const read = (path: string): Buffer => readFileSync(join(FOLDER, path));
const json = <T>(path: string): T => JSON.parse(read(path).toString()) as T;
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const { fixtures } = json<FixtureIndex>('index.json');

type Fixture = FixtureIndex['fixtures'][number];

function sendFixture(
  otlp: string,
  fixture: Fixture,
  body: Fixture['bodies'][number],
): Promise<Response> {
  const encoding = body.contentType === 'application/json' ? 'json' : 'protobuf';
  return send(otlp, read(body.file), { encoding, path: `/v1/${fixture.signal}` });
}

describe('golden bodies', () => {
  it('get their status, and the next hop gets exactly what it should', async () => {
    const hop = new NextHop();
    await hop.start();
    harness.onEnd(() => hop.stop());
    const processor = await harness.start({ config: hop.config });
    const otlp = await processor.url('otlp');
    const wanted: string[] = [];
    for (const fixture of fixtures) {
      const expected = fixture.expected === null ? undefined : json<Expectation>(fixture.expected);
      for (const body of fixture.bodies) {
        const response = await sendFixture(otlp, fixture, body);
        expect(response.status, body.file).toBe(expected === undefined ? 400 : 200);
        expect(response.headers.get('content-type')).toBe(body.contentType);
        if (body.contentType === 'application/json' && expected !== undefined) {
          const answer = (await response.json()) as { partialSuccess?: Record<string, string> };
          const count = fixture.signal === 'traces' ? 'rejectedSpans' : 'rejectedLogRecords';
          expect(Number(answer.partialSuccess?.[count] ?? 0), body.file).toBe(
            expected.rejected.length,
          );
        }
        if (body.forward !== null) {
          const file = body.forward === 'same' ? body.file : body.forward;
          wanted.push(comparable(read(file), body.contentType, `/v1/${fixture.signal}`));
        }
      }
    }
    const forwarded = (): Promise<string[]> =>
      Promise.resolve(
        hop.received
          .filter(({ body }) => !body.includes('session_replay.recorded'))
          .map(({ body, contentType, path }) => comparable(body, contentType, path)),
      );
    const got = await eventually(forwarded, ({ length }) => length >= wanted.length);
    expect(got.sort()).toEqual(wanted.sort());
  });

  it.each(['recording', 'parts', 'log'])('%s is read back byte for byte', async (name) => {
    const fixture = fixtures.find((f) => f.name === name);
    const [body] = fixture?.bodies ?? [];
    if (fixture?.expected == null || body === undefined) throw new Error(`no fixture ${name}`);
    // Sent in any order, read in the order of playing.
    const segments = json<Expectation>(fixture.expected).segments.sort(
      ({ header: a }, { header: b }) =>
        a.index - b.index || (a.payload.partIndex ?? 0) - (b.payload.partIndex ?? 0),
    );
    const processor = await harness.start();
    const [otlp, api] = [await processor.url('otlp'), await processor.url('replay_api')];
    expect((await sendFixture(otlp, fixture, body)).status).toBe(200);

    const { sessionId, recordingId } = segments[0]?.header ?? {};
    const url = `${api}/api/v1/sessions/${sessionId}/recordings/${recordingId}/events`;
    const response = await eventually(
      () => fetch(url),
      ({ ok }) => ok,
    );
    const records = new RecordReader().push(new Uint8Array(await response.arrayBuffer()));
    const payloads = records.map(({ payload }) => sha256(payload));
    expect(payloads).toEqual(segments.map(({ payloadSha256 }) => payloadSha256));
  });
});

/** Equal messages: as bytes in protobuf, as values in JSON. */
function comparable(body: Buffer, contentType: string, path: string): string {
  const text =
    contentType === 'application/json'
      ? JSON.stringify(JSON.parse(body.toString()))
      : body.toString('hex');
  return `${path} ${contentType} ${text}`;
}
