/** What the session says besides the page: requests, console, errors, spans, the manifest. */
import { hide, type Masks } from './rules.js';

/** Names of things, by which the player finds them: never about a person. */
const NAMES =
  /^(sessionId|recordingId|traceId|spanId|parentSpanId|(dropped)?TraceIds|state|kind|origin|status|version|mode|encoding|format|formatVersion|level|rating|tag|key|blocks|checksum|nextCursor)$/i;
/** Under `maskAllText`: what was said, by the page or about a person. */
const SAID =
  /^(text|message|statusMessage|userId|userHash|attributes\.(exception\.(message|stacktrace)|(end)?user\..*|url\.query|log\.body))$/;
const ADDRESS = /^(url|urls|href|referrer|label|attributes\.(url\.full|http\.url))$/;
const MAX_DEPTH = 32;

/** A copy of a JSON value with everything hidden that the rules hide. */
export function maskValue<T>(value: T, masks: Masks): T {
  return copy(value, '', masks, 0) as T;
}

/** Changes a custom event (or a page's address) in place. */
export function maskPayload(data: Record<string, unknown>, masks: Masks): void {
  if (typeof data['href'] === 'string') data['href'] = text(data['href'], 'href', masks);
  const { payload } = data;
  if (typeof payload !== 'object' || payload === null) {
    if (payload !== undefined) data['payload'] = copy(payload, 'text', masks, 0);
    return;
  }
  if (data['tag'] === 'session_replay.asset') {
    // Of data only the address is text; it must be found by the address that a style sheet has.
    const { url } = payload as Record<string, unknown>;
    data['payload'] = { ...payload, url: copy(url, 'url', masks, 0) };
    return;
  }
  const masked = copy(payload, '', masks, 0) as Record<string, unknown>;
  const { attributes } = masked;
  if (data['tag'] === 'session_replay.event' && typeof attributes === 'object' && attributes) {
    masked['attributes'] = Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, pageValue(value, masks)]),
    );
  }
  data['payload'] = masked;
}

/** Of a page's own event even a number may be the secret. */
function pageValue(value: unknown, masks: Masks): unknown {
  if (Array.isArray(value)) return value.map((entry) => pageValue(entry, masks));
  if (masks.allText) return typeof value === 'boolean' ? value : hide(String(value));
  return typeof value === 'number' && masks.isTold(String(value)) ? hide(String(value)) : value;
}

function copy(value: unknown, name: string, masks: Masks, depth: number): unknown {
  if (typeof value === 'string') return NAMES.test(name) ? value : text(value, name, masks);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return undefined;
  if (Array.isArray(value)) return value.map((entry) => copy(entry, name, masks, depth + 1));
  const out: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) {
    if (key === '__proto__') continue;
    if (masks.isHiddenAttribute(key)) out[key] = typeof entry === 'string' ? hide(entry) : '*';
    else
      out[key] = copy(entry, name === 'attributes' ? `attributes.${key}` : key, masks, depth + 1);
  }
  return out;
}

function text(value: string, name: string, masks: Masks): string {
  if (masks.allText && SAID.test(name)) return hide(value);
  const shown = masks.allText && ADDRESS.test(name) ? value.replace(/[?#].*$/s, '') : value;
  return masks.textOf(shown);
}
