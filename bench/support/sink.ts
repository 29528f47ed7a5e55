/** A next hop that takes everything at once, in this process. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where bodies carry a number, as six digits behind this mark. */
export const MARK = Buffer.from('bench-instance-');
const DIGITS = 6;
const HEAD_BYTES = 2000;

export class Sink {
  /** When the request with this number had arrived whole, by `performance.now()`. */
  readonly arrivals = new Map<number, number>();
  requests = 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      // The mark is near the beginning, which may come in pieces.
      let head: Buffer = Buffer.alloc(0);
      request.on('data', (chunk: Buffer) => {
        if (head.length >= HEAD_BYTES) return;
        head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.length)]);
      });
      request.on('end', () => {
        const number = numberOf(head);
        if (number !== undefined) this.arrivals.set(number, performance.now());
        this.requests++;
        response.writeHead(200).end();
      });
    });
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function numberOf(head: Buffer): number | undefined {
  const at = head.indexOf(MARK);
  if (at < 0) return undefined;
  return Number(head.toString('latin1', at + MARK.length, at + MARK.length + DIGITS));
}

/** Writes `number` behind the mark of `body`. */
export function setNumber(body: Buffer, number: number): void {
  const at = body.indexOf(MARK);
  if (at < 0) throw new Error('the body has no mark');
  body.write(String(number).padStart(DIGITS, '0'), at + MARK.length, 'latin1');
}
