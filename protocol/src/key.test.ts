import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { anyId, contractError, HOSTILE_IDS, shape } from '../test/arbitraries.js';
import {
  blockKey,
  checkKeyPart,
  encodeKeyPart,
  parseBlockKey,
  sessionKey,
  sessionOfKey,
  sessionPrefix,
  type BlockKey,
} from './key.js';

const anyBlockKey: fc.Arbitrary<BlockKey> = fc.record({
  sessionId: anyId,
  recordingId: anyId,
  firstIndex: fc.nat(),
  lastIndex: fc.nat(),
  firstTimestamp: fc.maxSafeNat(),
  lastTimestamp: fc.maxSafeNat(),
  checkpoint: fc.boolean(),
  instance: anyId,
});

const sample: BlockKey = {
  sessionId: 's',
  recordingId: '4bf92f3577b34da6a3ce929d0e0e4736',
  firstIndex: 0,
  lastIndex: 11,
  firstTimestamp: 1_767_225_600_000,
  lastTimestamp: 1_767_225_660_000,
  checkpoint: true,
  instance: 'processor-0',
};

describe('blockKey', () => {
  it('looks as the contract says', () => {
    expect(blockKey(sample)).toBe(
      'v1/sessions/s/4bf92f3577b34da6a3ce929d0e0e4736/' +
        '00000000-00000011-1767225600000-1767225660000-k-processor%2D0.block',
    );
  });

  it('comes back whole, with any store prefix', () => {
    const prefix = fc.constantFrom('', 'prefix/', 'a/b/', 'v1/sessions/x/');
    fc.assert(
      fc.property(anyBlockKey, prefix, (key, before) => {
        expect(parseBlockKey(before + blockKey(key))).toEqual(key);
      }),
    );
  });

  it.each(HOSTILE_IDS)('keeps the id %j inside its piece of the path', (id) => {
    const key = blockKey({ ...sample, sessionId: id, recordingId: id, instance: id });
    const pieces = key.split('/');
    expect(pieces).toHaveLength(5);
    for (const piece of pieces) expect(piece).toMatch(/^[\w%][\w%.-]*$/);
    for (const piece of pieces) expect(piece).not.toMatch(/^\.+$/);
    expect(parseBlockKey(key)).toEqual({ ...sample, sessionId: id, recordingId: id, instance: id });
    expect(sessionOfKey(key)).toBe(id);
    expect(sessionOfKey(sessionKey(id))).toBe(id);
    expect(key.startsWith(sessionPrefix(id))).toBe(true);
  });

  it('sorts by segment index within a recording', () => {
    const keys = [0, 9, 10, 99, 100, 12_345].map((i) => blockKey({ ...sample, firstIndex: i }));
    expect([...keys].sort()).toEqual(keys);
  });

  it('gives different ids different keys', () => {
    fc.assert(
      fc.property(anyId, anyId, (a, b) => {
        expect(encodeKeyPart(a) === encodeKeyPart(b)).toBe(a === b);
      }),
    );
  });
});

describe('parseBlockKey', () => {
  it.each([
    '',
    sessionKey('s'),
    'v1/sessions/s/r/1-2-3.block',
    'v1/sessions/s/r/1-2-3-4-k-.block',
    'v1/sessions/s/r/1-2-3-4-a-b.block',
    'v1/sessions/s/r/1-2-3-4-i.block.tmp',
    'v1/sessions/%ZZ/r/1-2-3-4-i.block',
    'v1/sessions/%FF/r/1-2-3-4-i.block',
    'xv1/sessions/s/r/1-2-3-4-i.block',
    `v1/sessions/s/r/1-2-3-${'9'.repeat(400)}-i.block`,
  ])('knows %j is not one of ours', (key) => {
    expect(parseBlockKey(key)).toBeUndefined();
  });
});

describe('sessionOfKey', () => {
  it.each(['', 'v1/sessions/s', 'v2/sessions/s/x', 'v1/sessions/%E0/session.json'])(
    'gives nothing for %j',
    (key) => {
      expect(sessionOfKey(key)).toBeUndefined();
    },
  );
});

describe('checkKeyPart', () => {
  it('refuses what no file system takes, naming the field', () => {
    expect(() => checkKeyPart('session.id', 'a'.repeat(200))).not.toThrow();
    const error = contractError(() => checkKeyPart('session.id', '😀'.repeat(17)));
    expect(shape(error)).toEqual({ code: 'invalid', field: 'session.id' });
  });
});
