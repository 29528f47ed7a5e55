/**
 * Values as one line of text. No getter of the page runs, nothing of the page is kept: only own
 * data properties are read, some levels deep, and nodes by their name alone.
 */
const MAX_DEPTH = 3;
const MAX_ENTRIES = 20;

/** @param maxLength in characters; what is cut ends in `…` */
export function summarize(args: readonly unknown[], maxLength: number): string {
  const parts: string[] = [];
  let length = 0;
  for (const value of args) {
    if (length > maxLength) break;
    const part =
      typeof value === 'string' ? value.slice(0, maxLength + 1) : describe(value, maxLength);
    parts.push(part);
    length += part.length + 1;
  }
  const text = parts.join(' ');
  return text.length > maxLength ? `${text.slice(0, Math.max(0, maxLength - 1))}…` : text;
}

function describe(value: unknown, budget: number): string {
  let left = budget;
  const seen = new Set<object>();
  const visit = (item: unknown, depth: number): string => {
    if (left <= 0) return '…';
    const text = isObject(item) ? object(item, depth) : primitive(item, left);
    left -= text.length;
    return text;
  };
  const object = (item: object, depth: number): string => {
    const name = nameOf(item);
    if (name !== undefined) return name;
    if (seen.has(item)) return '[circular]';
    if (depth >= MAX_DEPTH) return Array.isArray(item) ? '[…]' : '{…}';
    seen.add(item);
    const text = members(item, (member) => visit(member, depth + 1));
    seen.delete(item);
    return text;
  };
  return visit(value, 0);
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

function primitive(value: unknown, budget: number): string {
  if (typeof value === 'string') return `"${value.slice(0, budget)}"`;
  return typeof value === 'bigint' ? `${value}n` : String(value);
}

/** Objects that are more than their properties. */
function nameOf(value: object): string | undefined {
  if (typeof value === 'function') {
    const name = own(value, 'name');
    return `ƒ ${typeof name === 'string' ? name : ''}`;
  }
  if (value instanceof Node) return `<${value.nodeName.toLowerCase()}>`;
  if (value instanceof Error) {
    const message = own(value, 'message');
    return `${errorName(value)}: ${typeof message === 'string' ? message : ''}`;
  }
  return undefined;
}

function errorName(error: Error): string {
  for (let at: unknown = error; isObject(at); at = Object.getPrototypeOf(at)) {
    const name = own(at, 'name');
    if (typeof name === 'string') return name;
  }
  return 'Error';
}

function members(value: object, visit: (member: unknown) => string): string {
  const isArray = Array.isArray(value);
  const keys = Object.keys(value);
  const shown = keys.slice(0, MAX_ENTRIES).map((key) => {
    const property = Object.getOwnPropertyDescriptor(value, key);
    const text = property && 'value' in property ? visit(property.value) : '(…)';
    return isArray ? text : `${key}: ${text}`;
  });
  if (keys.length > MAX_ENTRIES) shown.push('…');
  return isArray ? `[${shown.join(', ')}]` : `{${shown.join(', ')}}`;
}

/** The value of an own property that is no getter. */
function own(value: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(value, key)?.value as unknown;
}
