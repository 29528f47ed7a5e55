/** One span: when, where, its attributes and its events. */
import type { ReactElement } from 'react';
import type { TimelineSpan } from '../../engine/timeline/spans.js';
import { clockText, durationText } from '../format.js';
import { attributeFacts, Facts } from './list-parts.js';

const SHOWN_SHIFT_MS = 1;
const MAX_EVENTS = 20;

export function SpanDetail({ span, from }: { span: TimelineSpan; from: number }): ReactElement {
  const { events, shiftMs } = span;
  return (
    <>
      <Facts
        facts={[
          ['Service', span.serviceName],
          ['Side', `${span.origin}, ${span.kind}`],
          ['Status', span.statusMessage ? `${span.status}: ${span.statusMessage}` : span.status],
          ['Began', clockText(span.startTime - from, true)],
          ['Took', durationText(span.endTime - span.startTime)],
          [
            'Clock',
            Math.abs(shiftMs) >= SHOWN_SHIFT_MS
              ? `moved by ${shiftMs < 0 ? '−' : ''}${durationText(Math.abs(shiftMs))} to the browser’s`
              : undefined,
          ],
          ['Trace', <code key="trace">{span.traceId}</code>],
          ['Span', <code key="span">{span.spanId}</code>],
          ...attributeFacts(span.attributes),
        ]}
      />
      {events.slice(0, MAX_EVENTS).map((event, at) => {
        const { 'exception.stacktrace': stack, ...attributes } = event.attributes;
        return (
          <section key={at} className="replay-detail-event">
            <h3>
              {event.name} · {clockText(event.timestamp - from, true)}
            </h3>
            <Facts facts={attributeFacts(attributes)} />
            {typeof stack === 'string' ? <pre className="replay-code">{stack}</pre> : null}
          </section>
        );
      })}
    </>
  );
}
