/** Events that no recorder makes: loops, twins, depths, unknown kinds, and words that are code. */
import type { ReplayEvent } from '@otel-replay/protocol';
import { RUN } from './hostile-elements.js';

const DEEP = 2500;

export function strangeEvents(remote: string, start: number): ReplayEvent[] {
  let offset = 0;
  const event = (type: number, data: unknown): ReplayEvent => ({
    ...{ type, data },
    timestamp: start + offset++,
  });
  const mutation = (change: object): ReplayEvent =>
    event(3, { source: 0, adds: [], removes: [], texts: [], attributes: [], ...change });
  const node = (id: number, tagName: string, attributes: object = {}): object => ({
    ...{ type: 2, id, tagName, attributes, childNodes: [] },
  });
  const add = (parentId: number, added: object, nextId: number | null = null): object => ({
    ...{ parentId, nextId, node: added },
  });
  return [
    // Loops: a child of itself, of its child, and before one another.
    mutation({ adds: [add(9001, node(9001, 'div'))] }),
    mutation({
      adds: [add(5, node(9002, 'div')), add(9002, node(9003, 'div')), add(9003, node(9002, 'div'))],
    }),
    mutation({ adds: [add(5, node(9004, 'p'), 9005), add(5, node(9005, 'p'), 9004)] }),
    // Twins: an image that claims the id of a paragraph, a text that moves into a style sheet.
    mutation({ adds: [add(5, node(9010, 'p')), add(5, node(9010, 'img'))] }),
    mutation({ attributes: [{ id: 9010, attributes: { src: `${remote}/twin`, srcdoc: RUN } }] }),
    mutation({
      adds: [add(5, node(9011, 'div')), add(9011, { type: 3, id: 9012, textContent: 'x' })],
    }),
    mutation({
      adds: [add(54, { type: 3, id: 9012, textContent: `p{background:url(${remote}/twin-text)}` })],
    }),
    mutation({ texts: [{ id: 9012, value: `p{background:url(${remote}/twin-text2)}` }] }),
    // One thing after the other: harmless apart.
    mutation({ adds: [add(5, node(9020, 'meta'))] }),
    mutation({ attributes: [{ id: 9020, attributes: { content: `0;url=${remote}/meta-later` } }] }),
    mutation({ attributes: [{ id: 9020, attributes: { 'http-equiv': 'refresh' } }] }),
    mutation({ adds: [add(5, node(9021, 'link'))] }),
    mutation({ attributes: [{ id: 9021, attributes: { href: `${remote}/link-later` } }] }),
    mutation({ attributes: [{ id: 9021, attributes: { rel: 'stylesheet' } }] }),
    mutation({
      attributes: [
        { id: 51, attributes: { onmouseover: RUN, style: { background: `url(${remote}/a)` } } },
      ],
    }),
    mutation({ adds: [add(5, node(9022, 'input', { name: 'x' }))] }),
    mutation({ attributes: [{ id: 9022, attributes: { type: 'password' } }] }),
    // Deeper than any stack.
    mutation({
      adds: Array.from({ length: DEEP }, (_, i) =>
        add(i === 0 ? 5 : 9999 + i, node(10_000 + i, 'b')),
      ),
    }),
    mutation({ removes: [{ parentId: 5, id: 10_000 }] }),
    // Shapes that are none.
    event(3, { source: 0, adds: 'x', removes: 7 }),
    event(3, { source: 99, id: 5 }),
    event(3, { source: 16, define: { name: 'x-forged' } }),
    event(99, { node: { type: 2 } }),
    event(3, null),
    event(
      3,
      JSON.parse(
        '{"source":0,"adds":[],"removes":[],"texts":[],"attributes":[{"id":53,"attributes":{"style":{"__proto__":{"polluted":1}}}}],"__proto__":{"polluted":1}}',
      ),
    ),
    event(6, {
      plugin: 'rrweb/console@1',
      payload: { level: 'error', payload: [`<img src=x onerror=${RUN}>`] },
    }),
    event(3, { source: 11, level: 'log', payload: [`<img src=x onerror=${RUN}>`] }),
    event(3, { source: 10, family: 'z', fontSource: `url(${remote}/font2)`, buffer: 'true' }),
    event(3, { source: 7, id: 50, type: 0 }),
    ...words(remote).map((data) => event(5, data)),
  ];
}

/** What is shown in lists: markup, scripts and addresses instead of words. */
function words(remote: string): object[] {
  const markup = `<img src="${remote}/word" onerror="${RUN}"><script>${RUN}</script>`;
  const script = `javascript:${RUN}`;
  const custom = (tag: string, payload: unknown): object => ({
    tag: `session_replay.${tag}`,
    payload,
  });
  return [
    custom('error', { type: markup, traceId: markup }),
    custom('request', {
      method: markup,
      url: script,
      status: 500,
      start: 0,
      durationMs: 1,
      failed: true,
      traceId: markup,
      spanId: markup,
    }),
    custom('request', {
      method: 'GET',
      url: markup,
      status: markup,
      start: markup,
      durationMs: markup,
      traceId: script,
      spanId: script,
    }),
    custom('console', { level: markup, text: markup, dropped: markup }),
    custom('console', { level: 'error', text: markup }),
    custom('navigation', { url: script }),
    custom('event', { name: markup, attributes: { [markup]: markup, url: script } }),
    custom('event', JSON.parse('{"name":"x","attributes":{"__proto__":{"polluted":1}}}')),
    custom('feature_flag', { 'feature_flag.key': markup, 'feature_flag.result.variant': markup }),
    custom('web_vital', { name: markup, value: markup, rating: markup }),
    custom('long_task', {
      start: markup,
      durationMs: markup,
      script: { url: script, durationMs: 1 },
    }),
    custom('error', null),
    custom('error', [markup]),
    custom('unknown', markup),
    { tag: { toString: 1 }, payload: 1 },
  ];
}
