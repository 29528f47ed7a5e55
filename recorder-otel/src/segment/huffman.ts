/** Prefix codes as DEFLATE needs them: complete, and no longer than a limit (RFC 1951, 3.2.2). */

interface Tree {
  weight: number;
  symbol: number;
  children?: readonly Tree[];
}

/** Code length of every symbol; 0 for those that do not occur. */
export function codeLengths(counts: ArrayLike<number>, limit: number): Uint8Array {
  const lengths = new Uint8Array(counts.length);
  const used = Array.from(counts, (_count, symbol) => symbol).filter((symbol) => counts[symbol]);
  // A code needs two symbols to be complete.
  for (let symbol = 0; used.length < 2; symbol++) if (!counts[symbol]) used.push(symbol);
  let deepest: number;
  const measure = ({ symbol, children }: Tree, depth: number): void => {
    if (!children) {
      lengths[symbol] = depth;
      deepest = Math.max(deepest, depth);
    }
    children?.forEach((child) => measure(child, depth + 1));
  };
  // Evener counts make a flatter tree, should one be too deep.
  for (let shift = 0; ; shift++) {
    const trees: Tree[] = used.map((symbol) => ({
      symbol,
      weight: (counts[symbol]! >> shift) + 1,
    }));
    trees.sort((a, b) => b.weight - a.weight);
    while (trees.length > 1) {
      const children = trees.splice(-2);
      const weight = children[0]!.weight + children[1]!.weight;
      let at = trees.length;
      while (at > 0 && trees[at - 1]!.weight < weight) at--;
      trees.splice(at, 0, { symbol: -1, weight, children });
    }
    deepest = 0;
    measure(trees[0]!, 0);
    if (deepest <= limit) return lengths;
  }
}

/** Canonical codes for these lengths, bits in the order in which DEFLATE writes them. */
export function canonicalCodes(lengths: Uint8Array): Uint16Array {
  const codes = new Uint16Array(lengths.length);
  let code = 0;
  for (let length = 1; length < 16; length++, code <<= 1) {
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      if (lengths[symbol] !== length) continue;
      for (let bit = 0; bit < length; bit++) {
        if ((code >> bit) & 1) codes[symbol]! |= 1 << (length - 1 - bit);
      }
      code++;
    }
  }
  return codes;
}
