/** What sources and triggers are told of. Those that are loaded late are told what they missed. */
import type { CustomEventValue, SegmentHeader } from '@otel-replay/protocol';
import type { Guard } from '../guard.js';
import type { RrwebEvent } from '../record/event-types.js';
import type { SpanError } from '../trigger/errors.js';
import type { EndedSpan } from '../trigger/spans.js';

export interface Occurrences {
  /** A span of the page began; `kind` as OpenTelemetry JS counts. */
  spanStart: { kind?: number };
  /** A span of the page ended, and the error it tells of. */
  spanEnd: { span: EndedSpan; error: SpanError | undefined };
  /** An event of rrweb was recorded. */
  event: RrwebEvent;
  /** The page said something by the public methods. */
  said: Said;
  /** A segment is about to be cut: what is worth none of its own goes along. */
  due: undefined;
  /** A segment was cut. */
  segment: Pick<SegmentHeader, 'eventCount' | 'droppedEvents' | 'errorCount' | 'rageClickCount'>;
  /** The page is hidden or goes away: the last moment to add to the segment. */
  leave: undefined;
}

export type Said = { timestamp: number } & (
  | { event: string; attributes: Record<string, CustomEventValue> | undefined }
  | { flag: string; variant: string | number | boolean }
);

type Kind = keyof Occurrences;
type Listener = (what: never) => void;

export interface Hub {
  /** `keep`: those who listen later shall be told too. */
  tell: <K extends Kind>(kind: K, what: Occurrences[K], keep?: boolean) => void;
  on: <K extends Kind>(kind: K, listener: (what: Occurrences[K]) => void) => () => void;
  /** What happens from here on belongs to another session; returns how much nobody was told yet. */
  turn: () => number;
  /** Nobody else will listen. */
  settle: () => void;
}

/** While the late sources are on their way; a page that is busier than this loses the rest. */
const MAX_KEPT = 200;

export function createHub(guard: Guard): Hub {
  const listeners: Partial<Record<Kind, Set<Listener>>> = {};
  let kept: { kind: Kind; what: unknown }[] | undefined = [];
  const call = (kind: Kind, listener: Listener, what: unknown): unknown =>
    guard.run(kind, () => listener(what as never));
  return {
    tell: (kind, what, keep) => {
      if (keep && kept && kept.length < MAX_KEPT) kept.push({ kind, what });
      for (const listener of listeners[kind] ?? []) {
        // With every event: without a function for each, and in the zone that events come in.
        try {
          listener(what as never);
        } catch (error) {
          guard.report(error, kind);
        }
      }
    },
    on: (kind, listener) => {
      for (const { kind: of, what } of kept ?? []) if (of === kind) call(kind, listener, what);
      const set = (listeners[kind] ??= new Set());
      set.add(listener);
      return () => void set.delete(listener);
    },
    turn: () => kept?.splice(0).length ?? 0,
    settle: () => {
      kept = undefined;
    },
  };
}
