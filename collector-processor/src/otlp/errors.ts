/** The request body is not OTLP: answered with 400, nothing of it is accepted. */
export class MalformedOtlpError extends Error {
  /** Byte offset in the (decompressed) body at which reading stopped. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} at byte ${offset}; send an OTLP export request as protobuf or JSON`);
    this.name = 'MalformedOtlpError';
    this.offset = offset;
  }
}
