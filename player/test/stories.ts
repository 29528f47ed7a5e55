/** Recordings as events, made by hand, and the stories and tests that become of them. */
import ts from 'typescript';
import {
  encodePayload,
  type ReplayEvent,
  type SegmentHeader,
  type SessionManifest,
} from '@otel-replay/protocol';
import { expect } from 'vitest';
import type { ReplaySource, StoredSegment } from '../src/engine/client/source.js';
import { tellStory, writeTest, type Story } from '../src/tools/playwright/index.js';

export const START = 1_772_442_000_000;
export const PAGE = 'https://shop.example.com/checkout';

export type Node = Record<string, unknown>;
let nextId = 1;
export const text = (textContent: string): Node => ({ type: 3, id: nextId++, textContent });
export const element = (
  tagName: string,
  attributes: Record<string, unknown> = {},
  ...childNodes: Node[]
): Node => ({ type: 2, id: nextId++, tagName, attributes, childNodes });
export const idOf = (node: Node): number => node['id'] as number;

export interface Tab {
  recordingId: string;
  events: ReplayEvent[];
}

/** A page load: Meta and FullSnapshot, and then what is given; `at` counts from the start. */
export function tab(
  recordingId: string,
  url: string,
  at: number,
  body: Node,
  ...more: object[]
): Tab {
  const root = { type: 0, id: nextId++, childNodes: [element('html', {}, body)] };
  const first = [
    { type: 4, data: { href: url, width: 1000, height: 700 }, timestamp: START + at },
    { type: 2, data: { node: root, initialOffset: {} }, timestamp: START + at + 1 },
  ];
  return { recordingId, events: [...first, ...more] as ReplayEvent[] };
}

export const did = (at: number, data: object): object => ({ type: 3, timestamp: START + at, data });
export const click = (at: number, node: Node, x = 10, y = 10): object =>
  did(at, { source: 2, type: 2, id: idOf(node), x, y });
export const focus = (at: number, node: Node): object =>
  did(at, { source: 2, type: 5, id: idOf(node) });
export const input = (at: number, node: Node, value: string, isChecked = false): object =>
  did(at, { source: 5, id: idOf(node), text: value, isChecked });
export const said = (at: number, tag: string, payload: object): object => ({
  type: 5,
  timestamp: START + at,
  data: { tag: `session_replay.${tag}`, payload },
});
export const shown = (at: number, parent: Node, node: Node): object =>
  did(at, {
    source: 0,
    texts: [],
    attributes: [],
    removes: [],
    adds: [...flat(parent, node)],
  });

/** rrweb adds node by node. */
function* flat(parent: Node, node: Node): Generator<object> {
  yield { parentId: idOf(parent), nextId: null, node: { ...node, childNodes: [] } };
  for (const child of (node['childNodes'] ?? []) as Node[]) yield* flat(node, child);
}

export async function story(...tabs: Tab[]): Promise<Story> {
  const recordings = tabs.map(({ recordingId, events }) => ({
    recordingId,
    firstTimestamp: events[0]!.timestamp,
    lastTimestamp: events.at(-1)!.timestamp,
    gaps: [],
  }));
  const session = { sessionId: 's', recordings } as unknown as SessionManifest;
  const source = {
    async *segments({ recordingId }: { recordingId: string }): AsyncIterable<StoredSegment> {
      const { events } = tabs.find((one) => one.recordingId === recordingId)!;
      const { header: payload, data } = await encodePayload(events);
      yield { header: { recordingId, index: 0, payload } as SegmentHeader, payload: data };
    },
  } as unknown as ReplaySource;
  return tellStory(source, session, { from: START, to: START + 3_600_000 });
}

export async function lines(...tabs: Tab[]): Promise<string> {
  return writeTest(await story(...tabs), { outcome: 'as_recorded', title: 'it' });
}

export function statementsOf(code: string): ts.SourceFile {
  const file = ts.createSourceFile('made.ts', code, ts.ScriptTarget.ES2022, true);
  const { diagnostics = [] } = ts.transpileModule(code, { reportDiagnostics: true });
  expect(diagnostics.map(({ messageText }) => messageText)).toEqual([]);
  return file;
}
