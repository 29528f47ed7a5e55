/** What is recorded besides the DOM, as rrweb custom events in the same stream. */
export interface CaptureOptions {
  /** Requests, from the page's own OpenTelemetry fetch and XHR spans; default true. */
  network?: boolean;
  /** The console: which levels, masked and capped; default false. `true` is warnings and errors. */
  console?: boolean | ConsoleOptions;
  /** Changes of the page's address; default true. */
  navigation?: boolean;
  /** LCP, CLS, INP, FCP and TTFB as the page ends or is hidden; default true. */
  webVitals?: boolean;
  /** Tasks over 50 ms that kept the page busy; default true. */
  longTasks?: boolean;
  /** Canvases that are unmasked, as pictures; default false. */
  canvas?: boolean | CanvasOptions;
  /**
   * Images that are unmasked, of the page's own origin or made by it, as data: they are shown when
   * the site has changed, without asking it; default false.
   */
  pictures?: boolean | PictureOptions;
}

export interface ConsoleOptions {
  /** Default `['warn', 'error']`. */
  levels?: readonly ('debug' | 'log' | 'info' | 'warn' | 'error')[];
  /** Entries per minute; what is more is counted. Default 100. */
  maxPerMinute?: number;
  /** Characters of one entry; default 1000. */
  maxLength?: number;
  /** Text as it is, not masked: only where no log holds a user's data. Default false. */
  unmask?: boolean;
}

export interface PictureOptions {
  /** Characters of all pictures, as data, after each checkpoint; default 512 KiB. */
  maxBytes?: number;
  /** Of the WebP, 0 to 1; default 0.8. */
  quality?: number;
}

export interface CanvasOptions {
  /** Pictures per second, at most; default 1. */
  fps?: number;
  /** Of the WebP, 0 to 1; default 0.4. */
  quality?: number;
}
