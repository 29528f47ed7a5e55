/** Recordings that ask for more than a browser can do, by bounded means. */
import type { ReplayEvent } from '@otel-replay/protocol';

const START = 1_700_000_000_000;
/** Inflated, of a few KB on the wire. */
const BOMB_BYTES = 40_000_000;
const MANY_NODES = 250_000;

export function hugeRecordings(): Record<string, ReplayEvent[]> {
  return {
    bomb: [...page(), event(5, { tag: 'x', payload: 'a'.repeat(BOMB_BYTES) })],
    snapshot: page(texts()),
    mutation: [
      ...page(),
      event(3, {
        ...{ source: 0, texts: [], removes: [], attributes: [] },
        adds: texts().map((node) => ({ parentId: 3, nextId: null, node })),
      }),
    ],
  };
}

const event = (type: number, data: object): ReplayEvent => ({ type, timestamp: START + 10, data });

const texts = (): object[] =>
  Array.from({ length: MANY_NODES }, (_, n) => ({ type: 3, id: 10 + n, textContent: '' }));

function page(childNodes: object[] = []): ReplayEvent[] {
  const body = { type: 2, id: 3, tagName: 'body', attributes: {}, childNodes };
  const html = { type: 2, id: 2, tagName: 'html', attributes: {}, childNodes: [body] };
  return [
    { type: 4, timestamp: START, data: { href: 'https://x.example/', width: 800, height: 600 } },
    { type: 2, timestamp: START, data: { node: { type: 0, id: 1, childNodes: [html] } } },
  ];
}
