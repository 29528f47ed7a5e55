/**
 * Files of the recorded page that came along with the recording: shown in place of what was at their
 * address. A recording may be anyone's, so they are what they say they are, and not too many.
 */
import type { RecordedShape, ReplayEvent } from '@otel-replay/protocol';
import { EVENT_TYPE } from '../rrweb-events.js';

const TAG = 'session_replay.asset';
const FONT = /^data:font\/(woff2?|otf|ttf);base64,[a-z\d+/=]*$/i;
const PICTURE = /^data:image\/(webp|png|svg\+xml)[;,][-\w.!~*'()%;,+/=]*$/i;
const SHAPES =
  /^(symbol|svg|g|defs|path|circle|ellipse|rect|line|polyline|polygon|linearGradient|radialGradient|stop|clipPath|mask|pattern|use)$/;
const MAX_FILES = 1000;
const MAX_CHARS = 32 * 1024 * 1024;
const MAX_SHAPES = 500;
/** Far from what rrweb counts up to. */
const FIRST_ID = 2 ** 31;

/** Of a snapshot, as rrweb builds it. */
export interface ShapeNode {
  type: 2;
  id: number;
  tagName: string;
  isSVG: true;
  attributes: Record<string, unknown>;
  childNodes: ShapeNode[];
}

type Payload = Partial<Record<'kind' | 'url' | 'data' | 'symbol', unknown>>;

export class Assets {
  readonly #files = new Map<string, string>();
  readonly #symbols = new Map<string, RecordedShape>();
  #chars = 0;
  #nextId = FIRST_ID;
  /** Rules hide more than was recorded: nobody knows which pictures are meant. */
  fontsOnly = false;
  /** Called with addresses that were not known before. */
  onNews: ((urls: readonly string[]) => void) | undefined;

  /** Takes what decoded events bring. */
  learn(events: readonly ReplayEvent[]): void {
    const news: string[] = [];
    for (const { type, data } of events) {
      if (type !== EVENT_TYPE.CUSTOM) continue;
      const { tag, payload } = (data ?? {}) as { tag?: unknown; payload?: Payload | null };
      const url = tag === TAG && payload ? this.#take(payload) : undefined;
      if (url !== undefined) news.push(url);
    }
    if (news.length > 0) this.onNews?.(news);
  }

  /** Its data address. @param url absolute */
  file(url: string): string | undefined {
    return this.#files.get(url);
  }

  /** A copy of it, as a node that nothing else is. @param url absolute, with its fragment */
  symbol(url: string, id: string): ShapeNode | undefined {
    const shape = this.#symbols.get(url);
    if (shape === undefined) return undefined;
    const node = this.#node(shape);
    node.attributes['id'] = id;
    return node;
  }

  #take({ kind, url, data, symbol }: Payload): string | undefined {
    if (typeof url !== 'string' || !/^https?:/.test(url) || !URL.canParse(url)) return undefined;
    if (this.#files.has(url) || this.#symbols.has(url)) return undefined;
    if (this.#files.size + this.#symbols.size >= MAX_FILES) return undefined;
    if (kind !== 'font' && this.fontsOnly) return undefined;
    if (kind === 'symbol') {
      const shape = shapeOf(symbol, { left: MAX_SHAPES });
      if (shape === undefined) return undefined;
      this.#symbols.set(url, shape);
      return url;
    }
    if (typeof data !== 'string' || this.#chars + data.length > MAX_CHARS) return undefined;
    if (!(kind === 'font' ? FONT : PICTURE).test(data)) return undefined;
    this.#chars += data.length;
    this.#files.set(url, data);
    return url;
  }

  #node([tagName, attributes, children]: RecordedShape): ShapeNode {
    return {
      ...{ type: 2, id: this.#nextId++, tagName, isSVG: true },
      attributes: { ...attributes },
      childNodes: children.map((child) => this.#node(child)),
    };
  }
}

/** Undefined for what is none. Its attributes are looked at when it is put into a page. */
function shapeOf(value: unknown, budget: { left: number }, depth = 0): RecordedShape | undefined {
  if (!Array.isArray(value) || budget.left-- <= 0 || depth > 20) return undefined;
  const [tag, attributes, children] = value as unknown[];
  if (typeof tag !== 'string' || !SHAPES.test(tag) || !Array.isArray(children)) return undefined;
  const kept = Object.entries(attributes ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[0] !== '__proto__',
  );
  const inner = children.flatMap((child: unknown) => {
    const shape = shapeOf(child, budget, depth + 1);
    return shape === undefined ? [] : [shape];
  });
  return [tag, Object.fromEntries(kept), inner];
}
