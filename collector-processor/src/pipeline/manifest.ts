/** A session's manifest out of its blocks and of what is in no block yet. */
import {
  parseBlockKey,
  type BlockRef,
  type Gap,
  type PageEnvironment,
  type RecordingManifest,
  type SessionManifest,
  type SessionSummary,
} from '@otel-replay/protocol';
import type { LiveView } from '../api/reader.js';
import type { IndexedBlock } from '../index/index.js';
import { mergeRecordings, type MergedRecording, type MergedSegment } from '../index/merge.js';
import { distinctSignals, summarize } from '../index/summary.js';
import type { LiveSource } from './journaled.js';
import { locateTraces } from './locate-traces.js';
import { baseSummary } from './summary-writer.js';

export type Source = IndexedBlock | LiveSource;

export interface SessionSources {
  sessionId: string;
  facts: Pick<SessionSummary, 'state' | 'decision'>;
  /** Stored blocks first: of two copies the stored one is read. */
  sources: readonly Source[];
}

export function isStored(source: Source): source is IndexedBlock {
  return 'key' in source;
}

export function summaryOf({ sessionId, facts, sources }: SessionSources): SessionSummary {
  const base = baseSummary(sessionId, facts);
  return summarize(sessionId, base, sources) ?? base;
}

export function buildManifest(session: SessionSources): SessionManifest {
  const recordings = mergeRecordings(session.sources)
    .filter((r) => completeSegments(r.segments).length > 0)
    .map(recordingManifest);
  return {
    ...summaryOf(session),
    recordings,
    traces: locateTraces(session.sources, recordings),
    signals: distinctSignals(session.sources),
  };
}

export function liveView({ facts, sources }: SessionSources): LiveView {
  const { state, decision } = facts;
  const recordings = mergeRecordings(sources).flatMap(({ recordingId, segments, sources: own }) => {
    const complete = completeSegments(segments).map((s) => s.segment);
    if (complete.length === 0) return [];
    const serviceName = own.findLast((s) => s.footer.serviceName !== undefined)?.footer.serviceName;
    const named = serviceName === undefined ? {} : { serviceName };
    const environment = environmentIn(own);
    const watched = environment === undefined ? {} : { environment };
    return [{ recordingId, ...named, ...watched, segments: complete }];
  });
  const spans = sources.flatMap(({ footer }) => footer.entries.flatMap((e) => e.spans ?? []));
  return {
    state,
    ...(decision === undefined ? {} : { decision }),
    recordings,
    signals: distinctSignals(sources),
    spansCount: new Set(spans.map((header) => JSON.stringify(header))).size,
  };
}

function recordingManifest(recording: MergedRecording<Source>): RecordingManifest {
  const { recordingId, sources } = recording;
  const segments = completeSegments(recording.segments).map((s) => s.segment);
  const manifest: RecordingManifest = {
    recordingId,
    firstTimestamp: Math.min(...segments.map((s) => s.firstTimestamp)),
    lastTimestamp: Math.max(...segments.map((s) => s.lastTimestamp)),
    segments,
    checkpoints: segments
      .filter((s) => s.checkpoint && (s.partIndex ?? 0) === 0)
      .map((s) => s.firstTimestamp),
    gaps: gapsBetween(segments),
    blocks: sources.filter(isStored).map(blockRef),
    clockSkewMs: median(
      segments.flatMap((s) => (s.clockSkewMs === undefined ? [] : [s.clockSkewMs])),
    ),
  };
  const footers = sources.map((s) => s.footer);
  const serviceName = footers.findLast((f) => f.serviceName !== undefined)?.serviceName;
  if (serviceName !== undefined) manifest.serviceName = serviceName;
  const masking = footers.findLast((f) => f.masking !== undefined)?.masking;
  if (masking !== undefined) manifest.masking = masking;
  const environment = environmentIn(sources);
  if (environment !== undefined) manifest.environment = environment;
  return manifest;
}

function environmentIn(sources: readonly Source[]): PageEnvironment | undefined {
  return sources.findLast(({ footer }) => footer.environment !== undefined)?.footer.environment;
}

/** A segment of which a part is missing cannot be inflated: it counts as missing. */
export function completeSegments<T extends Source>(
  segments: readonly MergedSegment<T>[],
): MergedSegment<T>[] {
  const parts = new Map<number, number>();
  for (const { segment } of segments) {
    parts.set(segment.index, (parts.get(segment.index) ?? 0) + 1);
  }
  return segments.filter((s) => parts.get(s.segment.index)! >= (s.segment.partCount ?? 1));
}

function gapsBetween(segments: RecordingManifest['segments']): Gap[] {
  const gaps: Gap[] = [];
  for (let i = 1; i < segments.length; i++) {
    const before = segments[i - 1]!;
    const after = segments[i]!;
    if (after.index <= before.index + 1) continue;
    gaps.push({
      firstIndex: before.index + 1,
      lastIndex: after.index - 1,
      from: before.lastTimestamp,
      to: after.firstTimestamp,
    });
  }
  return gaps;
}

function blockRef({ key, bytes }: IndexedBlock): BlockRef {
  const parsed = parseBlockKey(key);
  if (parsed === undefined) throw new Error(`${key} is not a block key`);
  const { firstIndex, lastIndex, firstTimestamp, lastTimestamp, checkpoint } = parsed;
  return { key, firstIndex, lastIndex, firstTimestamp, lastTimestamp, checkpoint, bytes };
}

/** 0 for none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : Math.round((sorted[middle - 1]! + sorted[middle]!) / 2);
}
