/**
 * Raw DEFLATE (RFC 1951), at once: `CompressionStream` is asynchronous, so it cannot finish while
 * the page goes away; general libraries cost more bytes of bundle than all other parts of a segment
 * together.
 */
import { canonicalCodes, codeLengths } from './huffman.js';

const WINDOW = 32 * 1024;
const MIN_MATCH = 3;
const MAX_MATCH = 258;
/** Candidates looked at per match, and a match that is good enough; as zlib's level 6. */
const MAX_CHAIN = 96;
const NICE_MATCH = 128;
/** Symbols per block: each block has codes of its own. */
const BLOCK_SYMBOLS = 16 * 1024;
const END_OF_BLOCK = 256;
/** Order in which the lengths of the length code are written (3.2.7). */
const LENGTH_CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** Bits of `value` beyond its leading `keep + 1`: written as they are, after the code. */
function extraBits(value: number, keep: number): number {
  return Math.max(0, 31 - Math.clz32(value) - keep);
}

/** Code of `value` in a table whose steps double after every 2^keep codes (3.2.5). */
function stepCode(value: number, keep: number): number {
  const extra = extraBits(value, keep);
  return (extra << keep) + (value >> extra);
}

/** The longest length has a code to itself. */
const lengthCode = (length: number): number =>
  length === MAX_MATCH ? 28 : stepCode(length - MIN_MATCH, 2);

function grown(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  if (size <= bytes.length) return bytes;
  const larger = new Uint8Array(Math.max(size, bytes.length * 2));
  larger.set(bytes);
  return larger;
}

/** Compresses on the calling thread; about zlib's level 6. */
export function deflateRaw(input: Uint8Array): Uint8Array<ArrayBuffer> {
  let at = 0;
  /** Position + 1 of the last three bytes with a hash, and of the ones before with the same. */
  const last = new Int32Array(WINDOW);
  const before = new Int32Array(WINDOW);
  /** Literals, or distance << 9 | length. */
  const symbols = new Uint32Array(BLOCK_SYMBOLS);
  let symbolCount = 0;
  const literalCounts = new Uint32Array(286);
  const distanceCounts = new Uint32Array(30);
  let output = new Uint8Array(WINDOW);
  let outputLength = 0;
  let pending = 0;
  let pendingBits = 0;

  /** Turns the input into literals and matches. */
  function compress(): void {
    while (at < input.length) {
      const maxLength = Math.min(MAX_MATCH, input.length - at);
      let length = MIN_MATCH - 1;
      let distance = 0;
      let candidate = maxLength < MIN_MATCH ? -1 : last[hash(input, at)]! - 1;
      for (
        let tries = MAX_CHAIN;
        candidate >= 0 && at - candidate <= WINDOW && tries > 0;
        tries--
      ) {
        if (input[candidate + length] === input[at + length]) {
          let same = 0;
          while (same < maxLength && input[candidate + same] === input[at + same]) same++;
          if (same > length) {
            length = same;
            distance = at - candidate;
            if (same >= NICE_MATCH || same === maxLength) break;
          }
        }
        candidate = before[candidate % WINDOW]! - 1;
      }
      if (distance > 0) addMatch(length, distance);
      else {
        length = 1;
        addSymbol(input[at]!, input[at]!);
      }
      for (const next = at + length; at < next; at++) {
        if (at + MIN_MATCH > input.length) continue;
        const key = hash(input, at);
        before[at % WINDOW] = last[key]!;
        last[key] = at + 1;
      }
      if (symbolCount === BLOCK_SYMBOLS) writeBlock(false);
    }
  }

  function addMatch(length: number, distance: number): void {
    distanceCounts[stepCode(distance - 1, 1)]!++;
    addSymbol((distance << 9) | length, END_OF_BLOCK + 1 + lengthCode(length));
  }

  function addSymbol(symbol: number, literal: number): void {
    symbols[symbolCount++] = symbol;
    literalCounts[literal]!++;
  }

  function writeBlock(final: boolean): void {
    literalCounts[END_OF_BLOCK] = 1;
    const literalLengths = codeLengths(literalCounts, 15);
    const distanceLengths = codeLengths(distanceCounts, 15);
    const literals = canonicalCodes(literalLengths);
    const distances = canonicalCodes(distanceLengths);
    put(final ? 5 : 4, 3);
    writeLengths(literalLengths, distanceLengths);
    for (let i = 0; i < symbolCount; i++) {
      const symbol = symbols[i]!;
      const distance = symbol >>> 9;
      if (distance === 0) {
        put(literals[symbol]!, literalLengths[symbol]!);
        continue;
      }
      const length = symbol & 511;
      const literal = END_OF_BLOCK + 1 + lengthCode(length);
      put(literals[literal]!, literalLengths[literal]!);
      if (length < MAX_MATCH) putExtra(length - MIN_MATCH, 2);
      const code = stepCode(distance - 1, 1);
      put(distances[code]!, distanceLengths[code]!);
      putExtra(distance - 1, 1);
    }
    put(literals[END_OF_BLOCK]!, literalLengths[END_OF_BLOCK]!);
    symbolCount = 0;
    literalCounts.fill(0);
    distanceCounts.fill(0);
  }

  /** Code lengths, with runs of zeros as one, themselves coded (3.2.7). */
  function writeLengths(literals: Uint8Array, distances: Uint8Array): void {
    const runs: [symbol: number, extra: number, extraBits: number][] = [];
    const all = [...literals, ...distances];
    const counts = new Uint32Array(19);
    for (let i = 0, run: number; i < all.length; i += run) {
      const length = all[i]!;
      for (run = 1; length === 0 && all[i + run] === 0 && run < 138;) run++;
      if (run < 3) run = 1;
      if (run === 1) runs.push([length, 0, 0]);
      else runs.push(run < 11 ? [17, run - 3, 3] : [18, run - 11, 7]);
    }
    for (const [symbol] of runs) counts[symbol]!++;
    const lengths = codeLengths(counts, 7);
    const codes = canonicalCodes(lengths);
    put(literals.length - 257, 5);
    put(distances.length - 1, 5);
    put(LENGTH_CODE_ORDER.length - 4, 4);
    for (const symbol of LENGTH_CODE_ORDER) put(lengths[symbol]!, 3);
    for (const [symbol, extra, bits] of runs) {
      put(codes[symbol]!, lengths[symbol]!);
      put(extra, bits);
    }
  }

  function putExtra(value: number, keep: number): void {
    const bits = extraBits(value, keep);
    put(value & ((1 << bits) - 1), bits);
  }

  /** At most 16 bits, least significant first. */
  function put(value: number, count: number): void {
    pending |= value << pendingBits;
    pendingBits += count;
    while (pendingBits >= 8) {
      output = grown(output, outputLength + 1);
      output[outputLength++] = pending & 255;
      pending >>>= 8;
      pendingBits -= 8;
    }
  }

  compress();
  writeBlock(true);
  put(0, 7);
  return output.slice(0, outputLength);
}

function hash(input: Uint8Array, at: number): number {
  return ((input[at]! << 10) ^ (input[at + 1]! << 5) ^ input[at + 2]!) % WINDOW;
}
