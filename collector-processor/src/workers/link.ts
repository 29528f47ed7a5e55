/**
 * Calls between two processes over the IPC pipe of Node: requests, answers and events in the order
 * in which they were sent. Values are cloned (`serialization: 'advanced'`), so Maps, bytes and
 * undefined arrive as they were; errors arrive as the class they had.
 */
import type { ChildProcess } from 'node:child_process';
import { decodeError, encodeError, type EncodedError } from './errors.js';
import { References } from './references.js';

/** This process, in a child; or a child, in its parent. */
export type PipeEnd = Pick<NodeJS.Process, 'send' | 'connected' | 'on'> | ChildProcess;

/** The other process did not answer in time, or is gone. */
export class LinkError extends Error {
  override readonly name = 'LinkError';
}

/**
 * How each method of `T` travels. `call` resolves to a result; `wait` does too, and may take as long
 * as it likes; `event` takes a listener.
 */
export type Wire<T> = {
  readonly [
    K in keyof T as T[K] extends (...args: never[]) => unknown ? K : never
  ]-?: T[K] extends (...args: never[]) => Promise<unknown> ? 'call' | 'wait' : 'event';
};

/** Of `T`, what travels. */
export type Methods<T> = Pick<T, keyof Wire<T> & keyof T>;

export interface CallOptions {
  /** Of a `call`; default 60 s. */
  timeoutMs?: number;
  /** The error when there is no answer; default {@link LinkError}. */
  unavailable?: (message: string) => Error;
}

type Message =
  | { kind: 'call'; id: number; service: string; method: string; args: readonly unknown[] }
  | { kind: 'answer'; id: number; value?: unknown; error?: EncodedError }
  | { kind: 'event'; service: string; name: string; args: readonly unknown[] }
  | { kind: 'abort'; id: number };

type Method = (...args: readonly unknown[]) => unknown;
interface Call {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

const CALL_TIMEOUT_MS = 60_000;
/** The service of functions that were arguments; the method is their id. */
const CALLBACKS = '#callbacks';

export class Link {
  readonly #pipe: PipeEnd;
  readonly #calls = new Map<number, Call>();
  readonly #services = new Map<string, ReadonlyMap<string, Method>>();
  readonly #listeners = new Map<string, Method>();
  readonly #closeListeners: (() => void)[] = [];
  readonly #references = new References({
    callBack: (id, args) => this.#call(CALLBACKS, String(id), args, 'wait', {}),
    abort: (id) => this.#send({ kind: 'abort', id }),
  });
  /** Sent together: each message of the pipe costs a system call on both sides. */
  #outbox: Message[] = [];
  #nextId = 1;
  #closed = false;

  constructor(pipe: PipeEnd) {
    this.#pipe = pipe;
    const emitter = pipe as NodeJS.EventEmitter;
    emitter.on('message', (messages: unknown) => {
      if (Array.isArray(messages)) for (const message of messages) this.#take(message as Message);
    });
    emitter.on('disconnect', () => this.#close());
  }

  get isOpen(): boolean {
    return !this.#closed && this.#pipe.connected;
  }

  onClose(listener: () => void): void {
    this.#closeListeners.push(listener);
  }

  /** Lets the other process call `target` by this name, and hear its events. */
  serve<T extends object>(service: string, target: Methods<T>, wire: Wire<T>): void {
    const methods = new Map<string, Method>();
    for (const [name, kind] of Object.entries(wire) as [keyof Methods<T> & string, string][]) {
      const method = (target[name] as Method).bind(target);
      if (kind !== 'event') methods.set(name, method);
      else method((...args: unknown[]) => this.#send({ kind: 'event', service, name, args }));
    }
    this.#services.set(service, methods);
  }

  /** What the other process serves by this name; each event has one listener, as with the original. */
  remote<T extends object>(service: string, wire: Wire<T>, options: CallOptions = {}): Methods<T> {
    const methods: Record<string, Method> = {};
    for (const [name, kind] of Object.entries<'call' | 'wait' | 'event'>(wire)) {
      methods[name] =
        kind === 'event'
          ? (listener) => void this.#listeners.set(`${service}.${name}`, listener as Method)
          : (...args) => this.#call(service, name, args, kind, options);
    }
    return methods as unknown as Methods<T>;
  }

  #call(
    service: string,
    method: string,
    args: readonly unknown[],
    kind: 'call' | 'wait',
    { timeoutMs = CALL_TIMEOUT_MS, unavailable = (text) => new LinkError(text) }: CallOptions,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      const { encoded, release } = this.#references.encode(args);
      const settle = (): void => {
        clearTimeout(timer);
        release();
        this.#calls.delete(id);
      };
      const fail = (why: string): void => {
        settle();
        reject(unavailable(`${service}.${method}: the other process ${why}`));
      };
      const timer =
        kind === 'call'
          ? setTimeout(() => fail(`did not answer within ${timeoutMs} ms`), timeoutMs)
          : undefined;
      if (!this.isOpen) return fail('is gone');
      this.#calls.set(id, {
        resolve: (value) => {
          settle();
          resolve(value);
        },
        reject: (error) => {
          if (error instanceof LinkError) return fail(error.message);
          settle();
          reject(error);
        },
      });
      this.#send({ kind: 'call', id, service, method, args: encoded });
    });
  }

  #take(message: Message): void {
    switch (message.kind) {
      case 'call':
        return void this.#answer(message);
      case 'event':
        return void this.#listeners.get(`${message.service}.${message.name}`)?.(...message.args);
      case 'abort':
        return this.#references.aborted(message.id);
      case 'answer':
        if (message.error === undefined) this.#calls.get(message.id)?.resolve(message.value);
        else this.#calls.get(message.id)?.reject(decodeError(message.error));
    }
  }

  async #answer({ id, service, method, args }: Extract<Message, { kind: 'call' }>): Promise<void> {
    const { decoded, release } = this.#references.decode(args);
    try {
      const found =
        service === CALLBACKS
          ? this.#references.function(Number(method))
          : this.#services.get(service)?.get(method);
      if (found === undefined) throw new Error(`there is no ${service}.${method} here`);
      this.#send({ kind: 'answer', id, value: await found(...decoded) });
    } catch (error) {
      this.#send({ kind: 'answer', id, error: encodeError(error) });
    } finally {
      release();
    }
  }

  #send(message: Message): void {
    if (!this.isOpen) return;
    if (this.#outbox.push(message) === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const messages = this.#outbox;
    this.#outbox = [];
    try {
      this.#post(messages);
    } catch {
      // One that cannot be cloned must not take the others with it.
      for (const message of messages) this.#postAlone(message);
    }
  }

  #postAlone(message: Message): void {
    try {
      this.#post([message]);
    } catch (error) {
      const encoded = encodeError(error);
      if (message.kind === 'call') this.#calls.get(message.id)?.reject(decodeError(encoded));
      else if (message.kind === 'answer') {
        this.#post([{ kind: 'answer', id: message.id, error: encoded }]);
      }
    }
  }

  /** A pipe that breaks is told of by `disconnect`; without a callback it would be thrown. */
  #post(messages: readonly Message[]): void {
    if (this.isOpen) this.#pipe.send?.(messages, undefined, undefined, () => undefined);
  }

  #close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#references.close();
    for (const call of [...this.#calls.values()]) call.reject(new LinkError('is gone'));
    for (const listener of this.#closeListeners) listener();
  }
}
