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
   * Pictures that are unmasked, of the page's own origin or made by it, as data: they are shown when
   * the site has changed, without asking it. Images; pictures of style sheets, where all elements that
   * show them are unmasked; symbols of SVG files. Default false.
   */
  pictures?: boolean | PictureOptions;
  /**
   * Fonts of the page's own origin that it loaded, as data. They are the site's, not its user's, so
   * that masking does not matter; not for sites that make a font for each person. Default false.
   */
  fonts?: boolean | FontOptions;
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
  /** Bytes of one file that a style sheet or a symbol names; default 256 KiB. */
  maxFileBytes?: number;
  /** Characters of all those files, as data, in one page; default 1 MiB. */
  maxFilesBytes?: number;
}

export interface FontOptions {
  /** Bytes of one font; default 256 KiB. */
  maxFileBytes?: number;
  /** Characters of all fonts, as data, in one page; default 1 MiB. */
  maxFilesBytes?: number;
}

export interface CanvasOptions {
  /** Pictures per second, at most; default 1. */
  fps?: number;
  /** Of the WebP, 0 to 1; default 0.4. */
  quality?: number;
}
