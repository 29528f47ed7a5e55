/** As much of the protobuf wire format as an OTLP trace request needs. */
import { ContractError } from '@otel-replay/protocol';

type FieldHandlers = Record<number, (reader: ProtobufReader) => unknown>;

export class ProtobufReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  #end: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = bytes.length;
  }

  /** Calls the handler of each field up to the end; fields without one are skipped. */
  fields(handlers: FieldHandlers): void {
    while (this.#at < this.#end) {
      const tag = this.varint();
      const handler = handlers[Math.floor(tag / 8)];
      if (handler === undefined) this.#skip(tag % 8);
      else handler(this);
    }
  }

  /** A length-delimited message, read in place. */
  message(handlers: FieldHandlers): void {
    const length = this.varint();
    this.#need(length);
    const outer = this.#end;
    this.#end = this.#at + length;
    this.fields(handlers);
    this.#end = outer;
  }

  /** Exact up to 2^53. */
  varint(): number {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      this.#need(1);
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
      if (shift > 2 ** 63) throw corrupt('a varint is too long');
    }
  }

  /** An int64 as two's complement. */
  signed(): number {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      this.#need(1);
      const byte = this.#bytes[this.#at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
      if (shift > 63n) throw corrupt('a varint is too long');
    }
  }

  fixed64(): string {
    this.#need(8);
    const value = this.#view.getBigUint64(this.#at, true);
    this.#at += 8;
    return value.toString();
  }

  double(): number {
    this.#need(8);
    const value = this.#view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  string(): string {
    return new TextDecoder().decode(this.#delimited());
  }

  hex(): string {
    return Array.from(this.#delimited(), (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  #delimited(): Uint8Array {
    const length = this.varint();
    this.#need(length);
    const bytes = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return bytes;
  }

  #skip(wireType: number): void {
    if (wireType === 0) this.signed();
    else if (wireType === 1) this.#advance(8);
    else if (wireType === 2) this.#advance(this.varint());
    else if (wireType === 5) this.#advance(4);
    else throw corrupt(`wire type ${wireType} is not known`);
  }

  #advance(length: number): void {
    this.#need(length);
    this.#at += length;
  }

  #need(length: number): void {
    if (this.#at + length > this.#end) throw corrupt('a field reaches past the end');
  }
}

function corrupt(what: string): ContractError {
  return new ContractError('corrupt', 'spans record', `not OTLP protobuf: ${what}`);
}
