/** What is wrong with bytes or attributes that came from outside. */
export type ContractErrorCode =
  | 'missing' // a required field is absent
  | 'invalid' // a field has the wrong type or value
  | 'unsupported' // an encoding or format this reader does not know
  | 'too_large' // a size limit would be passed
  | 'truncated' // bytes end before they should
  | 'corrupt'; // a checksum or structure does not hold

/**
 * Thrown for anything from outside that breaks the wire contract. `field` names the attribute or
 * structure at fault, `message` says what was found and what to do.
 */
export class ContractError extends Error {
  readonly code: ContractErrorCode;
  readonly field: string;

  constructor(code: ContractErrorCode, field: string, message: string) {
    super(`${field}: ${message}`);
    this.name = 'ContractError';
    this.code = code;
    this.field = field;
  }
}
