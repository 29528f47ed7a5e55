/**
 * A slow line between the browser and a receiver: latency, bandwidth and a short buffer, for all
 * connections together. What a page still has to send when it goes away is lost here as on a real
 * line, which a loopback connection hides: its buffers take everything at once.
 */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export interface Line {
  /** There and back; a new connection waits once more, as for its handshake. */
  roundTripMs: number;
  bitsPerSecond: number;
  /** Taken from a sender before it has to wait, per connection. */
  bufferBytes: number;
}

export const SLOW_LINE: Line = {
  roundTripMs: 60,
  bitsPerSecond: 8_000_000,
  bufferBytes: 64 * 1024,
};

/** When the last of `bytes` has passed a line that is busy until `busyUntil`; one per direction. */
class Direction {
  #busyUntil = 0;
  readonly #line: Line;

  constructor(line: Line) {
    this.#line = line;
  }

  arrival(bytes: number): number {
    const start = Math.max(performance.now(), this.#busyUntil);
    this.#busyUntil = start + (bytes * 8000) / this.#line.bitsPerSecond;
    return this.#busyUntil + this.#line.roundTripMs / 2;
  }
}

const CHUNK = 4096;

export class Relay {
  readonly #line: Line;
  readonly #target: URL;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #up: Direction;
  readonly #down: Direction;

  /** @param target URL of the receiver */
  constructor(target: string, line = SLOW_LINE) {
    this.#target = new URL(target);
    this.#line = line;
    this.#up = new Direction(line);
    this.#down = new Direction(line);
    this.#server = createServer({ allowHalfOpen: true }, (browser) => this.#join(browser));
  }

  /** As the receiver's, with the relay's port. */
  get url(): string {
    const url = new URL(this.#target);
    url.port = String((this.#server.address() as AddressInfo).port);
    return url.href;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(browser: Socket): void {
    const receiver = connect({
      host: this.#target.hostname,
      port: Number(this.#target.port),
      allowHalfOpen: true,
    });
    const opensAt = performance.now() + this.#line.roundTripMs;
    for (const socket of [browser, receiver]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    }
    this.#pass(browser, receiver, this.#up, opensAt);
    this.#pass(receiver, browser, this.#down, 0);
  }

  #pass(from: Socket, to: Socket, direction: Direction, opensAt: number): void {
    let waiting = 0;
    // Timers of the same millisecond fire in any order; bytes must not.
    const jobs: (() => void)[] = [];
    const later = (time: number, job: () => void): void => {
      jobs.push(job);
      const delay = Math.max(0, Math.max(time, opensAt) - performance.now());
      setTimeout(() => jobs.shift()?.(), delay);
    };
    from.on('data', (data: Buffer) => {
      for (let at = 0; at < data.length; at += CHUNK) {
        const chunk = data.subarray(at, at + CHUNK);
        waiting += chunk.length;
        later(direction.arrival(chunk.length), () => {
          waiting -= chunk.length;
          if (waiting < this.#line.bufferBytes) from.resume();
          if (to.writable) to.write(chunk);
        });
      }
      if (waiting >= this.#line.bufferBytes) from.pause();
    });
    from.on('end', () => later(direction.arrival(0), () => to.end()));
    from.on('close', (failed) => {
      // A connection given up before it stood: nothing of it was ever sent.
      if (performance.now() < opensAt) to.destroy();
      else if (failed) later(direction.arrival(0), () => to.destroy());
    });
  }
}
