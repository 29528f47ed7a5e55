import { ContractError } from './errors.js';

/** One array of all the pieces; `size` is the sum of their lengths, which callers have at hand. */
export function concat(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const out = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/**
 * A JSON object from its UTF-8 bytes.
 * Throws {@link ContractError} `corrupt`, naming `field`, for anything else.
 */
export function parseJsonObject(bytes: Uint8Array, field: string): object {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new ContractError('corrupt', field, `not UTF-8 JSON: ${String(cause)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ContractError('corrupt', field, 'not a JSON object');
  }
  return value;
}
