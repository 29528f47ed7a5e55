/**
 * The rrweb custom events (type 5) that a recorder puts between the others: `data.tag` names the
 * kind, `data.payload` is as here. None of them holds text of the page or of its user, except where
 * it says so. An event's time is when it was noticed. Readers skip tags they do not know.
 */

/** What a custom event of the page's own may hold. */
export type CustomEventValue =
  string | number | boolean | readonly string[] | readonly number[] | readonly boolean[];

export interface CustomEvents {
  /** An error of the page, or a span that failed: its type, never its message. */
  'session_replay.error': { type: string; traceId?: string };
  /** A response said that its server's side failed. */
  'session_replay.backend_error': { url: string; traceId?: string };
  /** A request of the page, when it ended. */
  'session_replay.request': RequestEvent;
  /** A call of the console. */
  'session_replay.console': {
    level: 'debug' | 'log' | 'info' | 'warn' | 'error';
    /** Masked, unless the recorder was told otherwise. */
    text: string;
    /** Entries left out before this one. */
    dropped?: number;
  };
  /** The page has another address, as far as it is recorded. */
  'session_replay.navigation': { url: string };
  'session_replay.visibility': { state: 'visible' | 'hidden' };
  /** As far as it is known when the page is hidden; a later event of the same name replaces it. */
  'session_replay.web_vital': {
    name: 'CLS' | 'FCP' | 'INP' | 'LCP' | 'TTFB';
    /** Milliseconds; CLS has no unit. */
    value: number;
    rating: 'good' | 'needs-improvement' | 'poor';
    /** rrweb's id of the element it is about. */
    id?: number;
  };
  /** The page was busy. */
  'session_replay.long_task': LongTaskEvent;
  /** The page did not answer; `start` is Unix milliseconds. */
  'session_replay.freeze': { start: number; durationMs: number };
  /** Several clicks at one place, in CSS pixels; `id` is rrweb's of the element. */
  'session_replay.rage_click': { x: number; y: number; id?: number };
  /** A click after which nothing happened. */
  'session_replay.dead_click': { x: number; y: number; id?: number };
  /**
   * Recording takes more of the main thread than it may (or less again). 0: all is recorded; 1: no
   * pointer moves, and changes come later; 2: no changes of attributes either; 3: no changes of the
   * page. `share` is what it took of the last ten seconds, 0 to 1.
   */
  'session_replay.restraint': { level: 0 | 1 | 2 | 3; share: number };
  /** More changed at once than is recorded one by one: the next checkpoint shows the result. */
  'session_replay.storm': { changes: number };
  /** An event of the page's own, in the words of its developers. */
  'session_replay.event': { name: string; attributes?: Record<string, CustomEventValue> };
  /** A file of the page's own origin that its style sheets show; may be repeated. */
  'session_replay.asset': RecordedAsset;
  /** A feature flag was evaluated; repeated at checkpoints. */
  'session_replay.feature_flag': {
    'feature_flag.key': string;
    'feature_flag.result.variant': string;
  };
}

/** Shown in place of what is at `url`, which is absolute; of the same one the first counts. */
export type RecordedAsset =
  /** As a `data:` URL. */
  | { kind: 'font' | 'picture'; url: string; data: string }
  /** What an SVG `use` names by `url`, fragment included. */
  | { kind: 'symbol'; url: string; symbol: RecordedShape };

/** An SVG element: its name, attributes and children. */
export type RecordedShape = [
  tag: string,
  attributes: Record<string, string>,
  children: RecordedShape[],
];

export interface RequestEvent {
  method: string;
  /** As far as it is recorded: no query by default. */
  url: string;
  /** Of the answer; 0 when there was none. */
  status: number;
  /** Unix milliseconds, browser clock. */
  start: number;
  durationMs: number;
  /** No answer, or 5xx. */
  failed?: boolean;
  /** Given up by the page. */
  aborted?: boolean;
  /** Bytes of the bodies, where they are known. */
  requestBytes?: number;
  responseBytes?: number;
  traceId: string;
  spanId: string;
}

export interface LongTaskEvent {
  /** Unix milliseconds, browser clock. */
  start: number;
  durationMs: number;
  /** Of it, what kept the page from answering. */
  blockingMs?: number;
  /** The script that took longest, as far as its address is recorded. */
  script?: { url: string; durationMs: number };
}
