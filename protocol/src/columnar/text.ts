/** The text that all strings of a columnar payload are cut from. */
import { ContractError } from '../errors.js';
import { ATTR_PAYLOAD_DATA } from '../names.js';
import { TEXT_JSON, TEXT_UTF8 } from './layout.js';

/** What is wrong with a columnar payload. */
export function corrupt(what: string): ContractError {
  return new ContractError('corrupt', ATTR_PAYLOAD_DATA, `not rrweb-columnar: ${what}`);
}

/** Throws {@link ContractError} `corrupt` for bytes that are not what `spelling` says. */
export function textOf(bytes: Uint8Array, spelling: number): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (spelling === TEXT_UTF8) return text;
    const parsed: unknown = spelling === TEXT_JSON ? JSON.parse(text) : undefined;
    if (typeof parsed === 'string') return parsed;
  } catch (cause) {
    throw corrupt(`its text cannot be read: ${String(cause)}`);
  }
  throw corrupt(`its text is spelled in an unknown way (${spelling})`);
}
