import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyEvents } from '../../test/events.js';
import { ContractError, type ContractErrorCode } from '../errors.js';
import type { ReplayEvent } from '../segment.js';
import { decodeColumnar } from './decoder.js';
import { createColumnarEncoder } from './encoder.js';
import { KNOWN_KEYS, NUMBER, OBJECT, OBJECTS, STRING, TRUE } from './layout.js';

const MAX = 1_000_000;

function encode(events: readonly unknown[]): Uint8Array<ArrayBuffer> {
  const encoder = createColumnarEncoder();
  for (const event of events) encoder.add(event as ReplayEvent);
  return encoder.finish();
}

function errorOf(bytes: Uint8Array, max = MAX): ContractErrorCode | undefined {
  try {
    decodeColumnar(bytes, max);
  } catch (error) {
    if (error instanceof ContractError) return error.code;
    throw error;
  }
  return undefined;
}

function varint(n: number): number[] {
  const bytes: number[] = [];
  for (; n > 127; n = Math.floor(n / 128)) bytes.push((n % 128) + 128);
  return [...bytes, n];
}

/** A payload from its parts: columns are lists of varints. */
function payload(columns: readonly (readonly number[])[], text = '', spelling = 0): Uint8Array {
  const bytes = columns.map((column) => column.flatMap(varint));
  const head = [spelling, columns.length, ...bytes.map(({ length }) => length)].flatMap(varint);
  return Uint8Array.from([...head, ...bytes.flat(), ...new TextEncoder().encode(text)]);
}

/** The difference `n`, and the entry of a shape one key longer than the shape before it. */
const delta = (n: number): number => (n < 0 ? -2 * n : 2 * n + 1);
const known = (key: string): number => 2 * KNOWN_KEYS.indexOf(key);
const longer = (key: string, kind: number): number[] => [kind, known(key)];

describe('bytes from anywhere', () => {
  test('are events or a ContractError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(['corrupt', 'too_large', undefined]).toContain(errorOf(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test('are events or a ContractError when they were events once', () => {
    const change = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 127, 128, 255)),
      do: fc.constantFrom('set', 'insert', 'remove', 'cut'),
    });
    fc.assert(
      fc.property(
        anyEvents,
        fc.array(change, { minLength: 1, maxLength: 4 }),
        (events, changes) => {
          let bytes = [...encode(events)];
          for (const { at, byte, ...how } of changes) {
            const index = Math.floor(at * bytes.length);
            if (how.do === 'set') bytes[index] = byte;
            else if (how.do === 'insert') bytes.splice(index, 0, byte);
            else if (how.do === 'remove') bytes.splice(index, 1);
            else bytes = bytes.slice(0, index);
          }
          expect(['corrupt', 'too_large', undefined]).toContain(errorOf(Uint8Array.from(bytes)));
        },
      ),
      { numRuns: 700 },
    );
  });

  test('that end too early, or do not end, are found', () => {
    const bytes = encode([{ type: 3, timestamp: 1, data: { source: 1, text: 'abc' } }]);
    for (let length = 0; length < bytes.length; length++) {
      expect(errorOf(bytes.subarray(0, length))).toBe('corrupt');
    }
    expect(errorOf(Uint8Array.from([...bytes, 0x61]))).toBe('corrupt');
  });
});

describe('a payload that is made up', () => {
  test('by hand is read', () => {
    const bytes = payload([
      [...longer('type', NUMBER), ...longer('data', OBJECT), 2 * 8 + TRUE, known('x')],
      [2, 2],
      [delta(3), delta(0)],
      [],
      [3, 3],
      [],
      [delta(1_000), delta(16)],
    ]);
    expect(decodeColumnar(bytes, MAX)).toEqual([
      { type: 3, data: { x: true }, timestamp: 1000 },
      { type: 3, data: { x: true }, timestamp: 1016 },
    ]);
  });

  test.each<[string, Uint8Array]>([
    ['no column', payload([])],
    ['more columns than there are bytes', Uint8Array.from([0, ...varint(2 ** 40)])],
    ['a column longer than the payload', Uint8Array.from([0, 3, ...varint(2 ** 45), 0, 0])],
    ['a column that no shape needs', payload([[], [], [], []])],
    ['a column too few', payload([longer('type', NUMBER), [], []])],
    ['a shape that grew from none', payload([[8 + NUMBER, known('type')], [], [], []])],
    ['an object of no shape', payload([[], [1], []])],
    ['a key that is not known', payload([[NUMBER, 2 * KNOWN_KEYS.length], [], [], []])],
    ['a string longer than the text', payload([[NUMBER, 2 * 9 + 1], [], [], []], 'type')],
    ['a string that is not there yet', payload([longer('type', STRING), [1], [0], [1]])],
    ['a number that is none', payload([longer('x', NUMBER), [1], [0, 7], [1]], 'abc')],
    ['a number without end', Uint8Array.from([0, 3, 0, 9, 0, ...Array<number>(9).fill(255)])],
    ['an array longer than its items', payload([longer('x', OBJECTS), [1], [2 ** 20], [], [1]])],
    ['text left over', payload([[], [], []], 'x')],
    ['text that is not UTF-8', Uint8Array.from([...payload([[], [], []]), 0xff])],
    ['an unknown spelling', payload([[], [], []], '', 2)],
    ['text that is not JSON', payload([[], [], []], '"', 1)],
    ['text that is JSON, but no string', payload([[], [], []], '[]', 1)],
    ['a time that is missing', payload([longer('type', NUMBER), [1], [1], []])],
  ])('with %s is refused', (_what, bytes) => {
    expect(errorOf(bytes)).toBe('corrupt');
  });

  test('to say one long string again and again is refused', () => {
    const texts = Array.from({ length: 200 }, () => 'x'.repeat(10_000));
    const bytes = encode([{ type: 3, timestamp: 1, data: texts }]);
    expect(bytes.length).toBeLessThan(12_000);
    expect(errorOf(bytes)).toBe('too_large');
    expect(errorOf(bytes, 3_000_000)).toBeUndefined();
  });

  test('to repeat a shape of many keys is refused', () => {
    const keys = Array.from({ length: 3000 }, (_, i) => [`k${i}`, null]);
    const items = Array.from({ length: 100 }, () => Object.fromEntries(keys) as unknown);
    const bytes = encode([{ type: 3, timestamp: 1, data: items }]);
    expect(bytes.length).toBeLessThan(40_000);
    expect(errorOf(bytes)).toBe('too_large');
  });

  test('to be deeper than any page is refused', () => {
    const shapes = [
      ...longer('type', NUMBER),
      ...longer('data', OBJECT),
      2 * 8 + OBJECT,
      known('data'),
    ];
    const deep = Array.from({ length: 20_000 }, () => 3);
    expect(errorOf(payload([shapes, [2], [delta(3)], [], [...deep, 0], [delta(1)]]))).toBe(
      'corrupt',
    );
    const fine = deep.slice(0, 5000);
    expect(errorOf(payload([shapes, [2], [delta(3)], [], [...fine, 0], [delta(1)]]))).toBe(
      undefined,
    );
  });

  test('to change Object.prototype does not', () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":true}}') as object;
    const [event] = decodeColumnar(encode([{ type: 3, timestamp: 1, data: hostile }]), MAX);
    expect(Object.keys(event!.data as object)).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(event!.data)).toBe(Object.prototype);
    expect('polluted' in {}).toBe(false);
  });
});

test('what a page adds to Object.prototype is not recorded', () => {
  const prototype = Object.prototype as unknown as Record<string, unknown>;
  prototype['ofThePage'] = 'secret';
  let bytes: Uint8Array;
  try {
    bytes = encode([{ type: 3, timestamp: 1, data: [{ a: 1 }] }]);
  } finally {
    delete prototype['ofThePage'];
  }
  expect(Buffer.from(bytes).includes('ofThePage')).toBe(false);
  expect(decodeColumnar(bytes, MAX)).toEqual([{ type: 3, data: [{ a: 1 }], timestamp: 1 }]);
});
