/** Bodies that nobody should send: mutated, truncated, random, mistyped. Tests and benchmarks share them. */
import * as fc from 'fast-check';
import { makeSegment, randomHex, tracesBody, type Encoding } from './otlp.js';

/** A good request of each encoding, from which the others are made. */
export async function hostileSeeds(): Promise<Record<Encoding, Buffer>> {
  return { protobuf: await seedBody('protobuf'), json: await seedBody('json') };
}

async function seedBody(encoding: Encoding): Promise<Buffer> {
  const ids = { sessionId: 'hostile', recordingId: randomHex(16) };
  const segments = [
    await makeSegment({ ...ids, index: 0 }),
    await makeSegment({ ...ids, index: 1 }),
  ];
  const spans = [{ traceId: randomHex(16), name: 'GET /', sessionId: 'hostile', error: true }];
  return Buffer.from(tracesBody(encoding, segments, spans));
}

export interface Hostile {
  encoding: Encoding;
  body: Uint8Array;
  gzip: boolean;
  path: string;
}

export function hostileBody(seeds: Record<Encoding, Buffer>): fc.Arbitrary<Hostile> {
  const flips = fc.array(
    fc.record({ at: fc.double({ min: 0, max: 0.999, noNaN: true }), byte: fc.nat(255) }),
    { minLength: 1, maxLength: 8 },
  );
  const cut = fc.double({ min: 0, max: 1, noNaN: true });
  return fc
    .record({
      encoding: fc.constantFrom<Encoding>('protobuf', 'json'),
      gzip: fc.boolean(),
      path: fc.constantFrom('/v1/traces', '/v1/logs'),
      how: fc.oneof(
        fc.record({ kind: fc.constant('flip' as const), flips }),
        fc.record({ kind: fc.constant('cut' as const), cut }),
        fc.record({
          kind: fc.constant('random' as const),
          bytes: fc.uint8Array({ maxLength: 300 }),
        }),
        fc.record({ kind: fc.constant('json' as const), value: fc.jsonValue() }),
        fc.record({
          kind: fc.constant('mistyped' as const),
          key: fc.nat(30),
          value: fc.jsonValue(),
        }),
      ),
    })
    .map(({ encoding, gzip, path, how }) => {
      const seed = seeds[encoding];
      switch (how.kind) {
        case 'flip': {
          const body = Buffer.from(seed);
          for (const { at, byte } of how.flips) body[Math.floor(at * body.length)] = byte;
          return { encoding, gzip, path, body };
        }
        case 'cut':
          return {
            encoding,
            gzip,
            path,
            body: seed.subarray(0, Math.floor(how.cut * seed.length)),
          };
        case 'random':
          return { encoding, gzip, path, body: how.bytes };
        case 'json':
          return { encoding: 'json', gzip, path, body: Buffer.from(JSON.stringify(how.value)) };
        case 'mistyped':
          return { encoding: 'json', gzip, path, body: mistype(seeds.json, how.key, how.value) };
      }
    });
}

/** Replaces the value of one key of a valid JSON body. */
function mistype(seed: Buffer, key: number, value: unknown): Buffer {
  let seen = 0;
  const text = JSON.stringify(JSON.parse(seed.toString()), (_, v: unknown) =>
    seen++ === key + 1 ? value : v,
  );
  return Buffer.from(text ?? 'null');
}
