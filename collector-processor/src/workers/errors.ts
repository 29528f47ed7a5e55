/** Errors that cross a process boundary as the class they had. */
import { ContractError, type ContractErrorCode } from '@otel-replay/protocol';
import { CoordinationConfigError, CoordinationUnavailableError } from '../coordinate/index.js';
import { IndexConfigError, IndexUnavailableError } from '../index/index.js';

export interface EncodedError {
  name: string;
  message: string;
  stack?: string | undefined;
  /** Of a ContractError. */
  code?: ContractErrorCode;
  field?: string;
}

/** Those that somebody catches by class; any other arrives as an Error with its name. */
const CLASSES: Readonly<Record<string, (error: EncodedError) => Error>> = {
  CoordinationUnavailableError: ({ message }) => new CoordinationUnavailableError(message),
  CoordinationConfigError: ({ message }) => new CoordinationConfigError(message),
  IndexUnavailableError: ({ message }) => new IndexUnavailableError(message),
  IndexConfigError: ({ message }) => new IndexConfigError(message),
  ContractError: ({ code = 'invalid', field = '', message }) =>
    new ContractError(code, field, message.slice(`${field}: `.length)),
};

export function encodeError(error: unknown): EncodedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { name, message, stack } = error;
  const encoded = { name, message, stack };
  return error instanceof ContractError
    ? { ...encoded, code: error.code, field: error.field }
    : encoded;
}

export function decodeError(encoded: EncodedError): Error {
  const { name, message, stack } = encoded;
  const error = CLASSES[name]?.(encoded) ?? Object.assign(new Error(message), { name });
  if (stack !== undefined) error.stack = stack;
  return error;
}
