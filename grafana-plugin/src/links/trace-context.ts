/** What Grafana's trace view tells a link of the trace it shows. All times are microseconds. */

export interface TraceTag {
  key: string;
  value: unknown;
}

export interface TraceViewSpan {
  traceID: string;
  spanID: string;
  operationName: string;
  startTime: number;
  duration: number;
  tags?: TraceTag[] | null;
  logs?: Array<{ timestamp: number; name?: string; fields?: TraceTag[] | null }> | null;
  process?: { serviceName?: string; tags?: TraceTag[] | null } | null;
  references?: Array<{ refType?: string; traceID: string; spanID: string }> | null;
  parentSpanID?: string | null;
  kind?: string;
  statusCode?: number;
  statusMessage?: string;
}

/** Context of `grafana/traceview/header/actions`; its type is not exported by Grafana. */
export interface TraceViewContext {
  traceID: string;
  /** Microseconds. */
  startTime: number;
  endTime?: number;
  spans: TraceViewSpan[];
  datasource?: { uid: string; type: string; name?: string };
}

/** Of the OpenTelemetry semantic conventions; the second as some exporters spell it. */
const SESSION_KEYS = ['session.id', 'session_id'];

/** The session in attributes, span's before resource's; undefined when there is none. */
export function sessionIdOf(
  ...attributes: Array<Record<string, readonly string[] | undefined> | undefined>
): string | undefined {
  for (const some of attributes) {
    for (const key of SESSION_KEYS) {
      const value = some?.[key]?.[0];
      if (value !== undefined && value !== '') {
        return unquoted(value);
      }
    }
  }
  return undefined;
}

/** The session that most spans of the trace name, and the first of them; usually there is only one. */
export function sessionOfTrace(
  context: TraceViewContext,
): { sessionId: string; span: TraceViewSpan } | undefined {
  const found = new Map<string, { count: number; span: TraceViewSpan }>();
  for (const span of context.spans ?? []) {
    const sessionId = tagText(span.tags) ?? tagText(span.process?.tags);
    if (sessionId === undefined) {
      continue;
    }
    const known = found.get(sessionId);
    const isEarlier = known === undefined || span.startTime < known.span.startTime;
    found.set(sessionId, {
      count: (known?.count ?? 0) + 1,
      span: isEarlier ? span : known.span,
    });
  }
  const [most] = [...found].sort(([, a], [, b]) => b.count - a.count);
  return most === undefined ? undefined : { sessionId: most[0], span: most[1].span };
}

function tagText(tags: readonly TraceTag[] | null | undefined): string | undefined {
  for (const key of SESSION_KEYS) {
    const value = tags?.find((tag) => tag.key === key)?.value;
    if (typeof value === 'string' && value !== '') {
      return unquoted(value);
    }
  }
  return undefined;
}

/** The attributes of a span are shown as JSON in some versions of the trace view. */
const unquoted = (text: string): string => text.replace(/^"(.*)"$/, '$1');
