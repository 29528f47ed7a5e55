/** What makes a session worth keeping, besides errors: those always do. */
export interface TriggerOptions {
  /** `console.error` calls; default false. */
  consoleError?: boolean;
  /** Three clicks at one place within a second; default true. They are marked in any case. */
  rageClick?: boolean;
  /** A click on something clickable after which nothing happens for 3 s; default false. */
  deadClick?: boolean;
  /** The page did not answer for this long, in milliseconds; default 5000, `false` is never. */
  freezeMs?: number | false;
  /** Asked before a trigger counts; `false` ignores it, a failure does not. Must answer at once. */
  beforeTrigger?: (trigger: Trigger) => boolean;
}

/** Why a session is worth keeping: `session_replay.trigger`. */
export type TriggerName =
  | 'error'
  | 'failed_request'
  | 'backend_error'
  | 'console_error'
  | 'rage_click'
  | 'dead_click'
  | 'freeze'
  | 'manual';

export interface Trigger {
  name: TriggerName;
  /** The trace it belongs to, if it is known. */
  traceId?: string;
}
