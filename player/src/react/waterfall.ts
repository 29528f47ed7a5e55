/** Spans grouped by trace, each trace as a tree in the order of a waterfall. */
import type { TimelineSpan } from '../engine/timeline/spans.js';

export interface SpanRow {
  span: TimelineSpan;
  /** 0 for a root, or for a span whose parent is not known. */
  depth: number;
}

export interface SpanGroup {
  traceId: string;
  rows: SpanRow[];
  from: number;
  to: number;
}

/** Traces by their first span; parents before children; a circle of parents ends where it began. */
export function waterfall(spans: readonly TimelineSpan[]): SpanGroup[] {
  const traces = new Map<string, TimelineSpan[]>();
  for (const span of spans) {
    const own = traces.get(span.traceId);
    if (own === undefined) traces.set(span.traceId, [span]);
    else own.push(span);
  }
  return [...traces]
    .map(([traceId, own]) => ({
      traceId,
      rows: tree(own),
      from: Math.min(...own.map((span) => span.startTime)),
      to: Math.max(...own.map((span) => span.endTime)),
    }))
    .sort((a, b) => a.from - b.from);
}

function tree(spans: readonly TimelineSpan[]): SpanRow[] {
  const ids = new Set(spans.map((span) => span.spanId));
  const children = new Map<string, TimelineSpan[]>();
  const roots: TimelineSpan[] = [];
  for (const span of spans) {
    const parent = span.parentSpanId;
    if (parent === undefined || !ids.has(parent) || parent === span.spanId) roots.push(span);
    else children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  const rows: SpanRow[] = [];
  const seen = new Set<string>();
  const visit = (list: readonly TimelineSpan[], depth: number): void => {
    for (const span of [...list].sort((a, b) => a.startTime - b.startTime)) {
      if (seen.has(span.spanId)) continue;
      seen.add(span.spanId);
      rows.push({ span, depth });
      visit(children.get(span.spanId) ?? [], depth + 1);
    }
  };
  visit(roots, 0);
  visit(spans, 0); // Whatever only a circle leads to.
  return rows;
}
