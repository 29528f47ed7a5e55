/** Attributes as trace frames carry them: lists of key and value, null, or the JSON text of either. */
import type { SpanInfo } from '@otel-replay/player';

export type Attributes = SpanInfo['attributes'];

/** A frame may hold anything: what is longer says nothing to a reader. */
const MAX_TAGS = 512;
const MAX_TEXT = 8192;

export function tagsOf(value: unknown): Attributes {
  const tags = parsed(value);
  if (!Array.isArray(tags)) {
    return {};
  }
  const attributes: Array<[string, Attributes[string]]> = [];
  for (const tag of tags.slice(0, MAX_TAGS)) {
    const { key, value: told } = Object(tag) as { key?: unknown; value?: unknown };
    if (typeof key === 'string') {
      attributes.push([key, plain(told)]);
    }
  }
  return Object.fromEntries(attributes);
}

/** Lists of a frame, null where there is none. */
export function listOf(value: unknown): unknown[] {
  const list = parsed(value);
  return Array.isArray(list) ? list.slice(0, MAX_TAGS) : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT) : undefined;
}

/** Frames that went through a file or a transformation hold lists as text. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith('[')) {
    return value;
  }
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

function plain(value: unknown): Attributes[string] {
  if (typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  if (typeof value === 'string') {
    return value.slice(0, MAX_TEXT);
  }
  if (value === null || value === undefined) {
    return null;
  }
  try {
    return (JSON.stringify(value) ?? '').slice(0, MAX_TEXT);
  } catch {
    return null; // Something that holds itself.
  }
}
