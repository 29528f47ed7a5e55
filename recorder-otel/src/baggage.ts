/** Optional: carries the session's id to backends as W3C baggage, `session.id=<id>`. */
import { propagation, type TextMapPropagator } from '@opentelemetry/api';
import { W3CBaggagePropagator } from '@opentelemetry/core';

/** What is used of a `SessionReplaySpanProcessor`. */
export interface RecordedSession {
  readonly sessionId: string | undefined;
  /** Undefined while nothing is recorded: backends are then told of no session. */
  readonly recordingId: string | undefined;
}

/**
 * W3C baggage as `W3CBaggagePropagator` writes it, and `session.id` while the page is recorded. It
 * is added when a request leaves: the active context does not survive an `await`. Backends put
 * baggage on their spans only with a baggage span processor.
 */
export function sessionBaggage(session: RecordedSession): TextMapPropagator {
  const w3c = new W3CBaggagePropagator();
  return {
    inject(context, carrier, setter) {
      const { recordingId, sessionId = '' } = session;
      const baggage = propagation.getBaggage(context) ?? propagation.createBaggage();
      const isKnown = recordingId !== undefined && sessionId !== '';
      const whole = isKnown ? baggage.setEntry('session.id', { value: sessionId }) : baggage;
      w3c.inject(propagation.setBaggage(context, whole), carrier, setter);
    },
    extract: (context, carrier, getter) => w3c.extract(context, carrier, getter),
    fields: () => w3c.fields(),
  };
}
