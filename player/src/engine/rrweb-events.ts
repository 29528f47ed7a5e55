/** What the engine knows of the rrweb 2 event format beside its numbers. */
import { SOURCE } from '@otel-replay/protocol/reduce';

export { EVENT_TYPE, INTERACTION, SOURCE } from '@otel-replay/protocol/reduce';

/** Sources that only a person causes. */
export const USER_SOURCES: ReadonlySet<number> = new Set([
  SOURCE.MOUSE_MOVE,
  SOURCE.MOUSE_INTERACTION,
  SOURCE.SCROLL,
  SOURCE.INPUT,
  SOURCE.TOUCH_MOVE,
  SOURCE.DRAG,
]);

/** Where an event has text: in a forged one it may be anything, of which rrweb would make text. */
export function recordedText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
