/**
 * Functions and abort signals among the arguments of a call: they stay where they are, and the
 * other process gets one that refers to them.
 */
interface Reference {
  '#refers': 'function' | 'signal';
  id: number;
  aborted?: boolean;
}

export interface ReferenceHost {
  /** Calls the function of the other process. */
  callBack(id: number, args: readonly unknown[]): Promise<unknown>;
  /** Tells the other process that a signal it refers to is aborted. */
  abort(id: number): void;
}

export class References {
  readonly #host: ReferenceHost;
  readonly #functions = new Map<number, (...args: unknown[]) => unknown>();
  readonly #controllers = new Map<number, AbortController>();
  #nextId = 1;

  constructor(host: ReferenceHost) {
    this.#host = host;
  }

  /** For the other process; `release` when the call is over. */
  encode(args: readonly unknown[]): { encoded: unknown[]; release: () => void } {
    const releases: (() => void)[] = [];
    const encoded = args.map((arg) => replace(arg, (value) => this.#refer(value, releases)));
    return { encoded, release: () => releases.forEach((release) => release()) };
  }

  /** From the other process; `release` when the call is answered. */
  decode(args: readonly unknown[]): { decoded: unknown[]; release: () => void } {
    const signals: number[] = [];
    const decoded = args.map((arg) => replace(arg, (value) => this.#follow(value, signals)));
    return { decoded, release: () => signals.forEach((id) => this.#controllers.delete(id)) };
  }

  function(id: number): ((...args: unknown[]) => unknown) | undefined {
    return this.#functions.get(id);
  }

  aborted(id: number): void {
    this.#controllers.get(id)?.abort();
  }

  /** The other process is gone: nobody would abort what it began. */
  close(): void {
    for (const controller of this.#controllers.values()) controller.abort();
    this.#controllers.clear();
  }

  #refer(value: unknown, releases: (() => void)[]): unknown {
    const id = this.#nextId;
    if (typeof value === 'function') {
      this.#nextId++;
      this.#functions.set(id, value as (...args: unknown[]) => unknown);
      releases.push(() => this.#functions.delete(id));
      return { '#refers': 'function', id } satisfies Reference;
    }
    if (value instanceof AbortSignal) {
      this.#nextId++;
      const tell = (): void => this.#host.abort(id);
      value.addEventListener('abort', tell);
      releases.push(() => value.removeEventListener('abort', tell));
      return { '#refers': 'signal', id, aborted: value.aborted } satisfies Reference;
    }
    return value;
  }

  #follow(value: unknown, signals: number[]): unknown {
    if (!isReference(value)) return value;
    const { id } = value;
    if (value['#refers'] === 'function') {
      return (...args: unknown[]) => this.#host.callBack(id, args);
    }
    const controller = new AbortController();
    if (value.aborted === true) controller.abort();
    else this.#controllers.set(id, controller);
    signals.push(id);
    return controller.signal;
  }
}

/** An argument, or a field of an options object. */
function replace(arg: unknown, each: (value: unknown) => unknown): unknown {
  const replaced = each(arg);
  if (replaced !== arg || !isPlain(arg)) return replaced;
  let copy: Record<string, unknown> | undefined;
  for (const [key, value] of Object.entries(arg)) {
    const other = each(value);
    if (other !== value) (copy ??= { ...arg })[key] = other;
  }
  return copy ?? arg;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

function isReference(value: unknown): value is Reference {
  return isPlain(value) && '#refers' in value;
}
