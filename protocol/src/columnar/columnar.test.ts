import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyEvents } from '../../test/events.js';
import { LIMITS } from '../names.js';
import type { ReplayEvent } from '../segment.js';
import { decodeColumnar } from './decoder.js';
import { createColumnarEncoder } from './encoder.js';
import { KNOWN_KEYS } from './layout.js';

const MAX = LIMITS.SEGMENT_UNCOMPRESSED_BYTES;

function encode(events: readonly unknown[]): Uint8Array<ArrayBuffer> {
  const encoder = createColumnarEncoder();
  for (const event of events) encoder.add(event as ReplayEvent);
  return encoder.finish();
}

const viaJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** An event that holds `data`. */
const holding = (data: unknown): ReplayEvent => ({ type: 3, timestamp: 1, data });

/** Compares own keys and values exactly, `__proto__` and the sign of zero included. */
function expectSame(actual: unknown, expected: unknown): void {
  const sorted = (value: unknown): unknown =>
    typeof value !== 'object' || value === null
      ? value
      : Array.isArray(value)
        ? value.map(sorted)
        : Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, own]) => [key, sorted(own)]);
  expect(JSON.stringify(sorted(actual))).toBe(JSON.stringify(sorted(expected)));
  expect(sorted(actual)).toEqual(sorted(expected));
}

describe('what was encoded comes out', () => {
  test('for events of any kind', () => {
    fc.assert(
      fc.property(anyEvents, (events) => {
        expectSame(decodeColumnar(encode(events), MAX), viaJson(events));
      }),
      { numRuns: 400 },
    );
  });

  test.each<[string, unknown]>([
    ['no data', undefined],
    ['null', null],
    ['a key named __proto__', JSON.parse('{"__proto__":{"a":1},"b":{"__proto__":"x"}}')],
    ['keys of Object.prototype', { constructor: 1, toString: 'x', hasOwnProperty: null }],
    ['numbers JSON has not', { a: NaN, b: Infinity, c: -0, d: [-Infinity, -0] }],
    ['large and small numbers', [2 ** 53, -(2 ** 53), 1e300, 5e-324, 2 ** 50, -(2 ** 50), 0.1]],
    ['differences that are large', [2 ** 50 - 1, -(2 ** 50) + 1, 2 ** 50 - 1]],
    ['what JSON leaves out', { a: undefined, b: () => 1, c: Symbol('x'), d: [undefined, () => 1] }],
    // eslint-disable-next-line no-sparse-arrays
    ['holes', [{}, , {}]],
    ['empty things', { '': '', a: [], b: {}, c: [[], {}, ''] }],
    ['lone surrogates', ['\ud800', 'x\udfff', '\udc00\ud800', '🛒']],
    ['a pair cut in two by two strings', ['\ud83d', '\uded2']],
    ['a byte order mark', ['\ufeff', '\ufeffa']],
    ['NUL and controls', ['\0', '\u2028', '\u001f']],
    ['one string many times', Array.from({ length: 300 }, () => 'same')],
    ['arrays in arrays', [[1, [2, [3, ['x', [{}]]]]], [[]], [[{}], [{}]]]],
    ['keys that look like numbers', { 10: 'a', 2: 'b', 1.5: 'c' }],
    ['a timestamp within', { timestamp: 7, data: { timestamp: 'x' } }],
  ])('with %s', (_name, data) => {
    const events = [holding(data), { ...holding(data), type: 5 }];
    expectSame(decodeColumnar(encode(events), MAX), viaJson(events));
  });

  test.each([
    ['dates', { at: new Date(0), none: new Date(NaN) }],
    [
      'what says itself what it is',
      { a: { toJSON: () => 7 }, b: Object.assign([1], { toJSON: () => [] }) },
    ],
    [
      'classes, maps and boxes',
      [
        new Map([[1, 2]]),
        new (class A {
          b = 1;
        })(),
        Object(3),
        /x/,
      ],
    ],
    ['holes', [1, , 3]], // eslint-disable-line no-sparse-arrays -- that is the point
    ['lists and objects without a prototype', Object.assign(Object.create(null), { list: [null] })],
    ['what is deep', Array.from({ length: 40 }).reduce((data) => ({ data }), new Date(0))],
  ])('with %s in a custom event, as JSON has it', (_name, data) => {
    const events = [{ ...holding(data), type: 5 }];
    expectSame(decodeColumnar(encode(events), MAX), viaJson(events));
  });

  test('and a circle in a custom event is refused', () => {
    const data: Record<string, unknown> = {};
    data['self'] = { data };
    expect(() => encode([{ ...holding(data), type: 5 }])).toThrow(TypeError);
  });

  test('in the order of its keys, but for the timestamp, which is the last', () => {
    const event = { type: 3, data: { z: 1, a: [{ y: 1, b: { c: 1 } }] }, timestamp: 5 };
    expect(JSON.stringify(decodeColumnar(encode([event]), MAX))).toBe(JSON.stringify([event]));
  });

  test('for no event at all', () => {
    expect(decodeColumnar(encode([]), MAX)).toEqual([]);
  });

  test('for objects as deep as the stack of a recorder allows', () => {
    let data: unknown = 'bottom';
    for (let i = 0; i < 4000; i++) data = i % 2 ? { childNodes: data } : [data];
    const [event] = decodeColumnar(encode([holding(data)]), MAX);
    let at = event!.data;
    for (let i = 4000; i--;)
      at = i % 2 ? (at as { childNodes: unknown }).childNodes : (at as unknown[])[0];
    expect(at).toBe('bottom');
  });

  test('asked again after the times were moved, and more was added', () => {
    const encoder = createColumnarEncoder();
    const at = (timestamp: number, text: string): ReplayEvent => ({
      type: 3,
      timestamp,
      data: { text },
    });
    encoder.add(at(1.5, 'a'));
    encoder.add(at(7, 'b'));
    expect(decodeColumnar(encoder.finish(), MAX)).toEqual([at(1.5, 'a'), at(7, 'b')]);
    const bytes = encoder.byteLength();
    encoder.redate(1000);
    expect(decodeColumnar(encoder.finish(), MAX)).toEqual([at(1001.5, 'a'), at(1007, 'b')]);
    expect(encoder.byteLength()).toBe(bytes);
    encoder.add(at(1008, 'b'));
    encoder.redate(-1);
    const moved = [at(1000.5, 'a'), at(1006, 'b'), at(1007, 'b')];
    expect(decodeColumnar(encoder.finish(), MAX)).toEqual(moved);
  });

  test('for a timestamp that is not whole, or negative', () => {
    const events = [1.5, -3, 1e15, 0.1, 2 ** 52].map((timestamp) => ({ type: 3, timestamp }));
    expect(decodeColumnar(encode(events), MAX)).toEqual(events);
  });
});

test('the contract names the keys that need not be spelled out', async () => {
  const contract = await readFile(
    new URL('../../../docs/wire-contract.md', import.meta.url),
    'utf8',
  );
  expect(contract).toContain(KNOWN_KEYS.map((key) => `\`${key}\``).join(', '));
});
