import type { CaptureOptions } from './capture/options.js';
import type { ConsentOptions } from './consent.js';
import type { OfflineOptions } from './emit/offline.js';
import type { ResourceLike } from './emit/span.js';
import type { SpanExporterLike } from './emit/transport.js';
import type { ErrorListener } from './guard.js';
import type { ModeOptions } from './mode/options.js';
import type { MaskingOptions } from './record/privacy.js';
import type { UrlSanitizer } from './record/url.js';
import type { SessionProvider } from './session/manager.js';
import type { SessionOptions } from './session/options.js';
import type { RemoteOptions } from './remote/options.js';
import type { RestraintOptions } from './restraint/options.js';
import type { TriggerOptions } from './trigger/options.js';

/** Every option is optional. Times in milliseconds, sizes in bytes. */
export interface SessionReplayOptions
  extends ModeOptions, ConsentOptions, OfflineOptions, RestraintOptions, RemoteOptions {
  /**
   * Where segments are posted as OTLP/protobuf: the processor's full traces URL.
   * Default `http://localhost:4318/v1/traces`, as OTLP exporters have it.
   */
  url?: string;
  /** Added to every request. A function is asked each time and must answer at once. */
  headers?: Record<string, string> | (() => Record<string, string>);
  /** Sends segments instead of the built-in transport; `url` and `headers` are then its business. */
  exporter?: SpanExporterLike;
  /** Your session manager, if you have one; ours is used while it knows no id. */
  session?: SessionProvider;
  /** When a session rests and ends. */
  sessionOptions?: SessionOptions;
  /** Selectors and names beyond the `data-replay-*` attributes. */
  masking?: MaskingOptions;
  /** What is recorded besides the DOM. */
  capture?: CaptureOptions;
  /** What makes a session worth keeping. */
  triggers?: TriggerOptions;
  /** A segment is sent at the latest this long after its first event; default 5000. */
  flushIntervalMs?: number;
  /**
   * A segment is sent when its columns reach this size before compression; default 96 KiB, which
   * are about 400 KB of events as JSON, or 20 KiB compressed.
   */
  maxRawBytes?: number;
  /**
   * A fresh start for playback at the latest this long after the last one, if the page has changed
   * since; default 60000, while buffering 15000. Costly snapshots make it longer: they may take
   * 0.3 % of the time.
   */
  checkpointIntervalMs?: number;
  /** Compressed segments held while the receiver is away; default 4 MiB. */
  maxQueueBytes?: number;
  /** Until a request is given up and tried again; default 10000. */
  requestTimeoutMs?: number;
  /**
   * What of a URL is recorded; default: scheme, host and path, without query and fragment, with `*`
   * for parts of the path that look like an address, free text, an id or a token.
   */
  urlSanitizer?: UrlSanitizer;
  /** Sent as `user.id`: your own opaque id of the user, never a name or an address. */
  userId?: string | (() => string | undefined);
  /** Describes the page (`service.name`); default: the Resource of the spans seen. */
  resource?: ResourceLike;
  /**
   * Address of a copy of `recorder-otel/worker` in the page's own origin, for pages whose content
   * security policy forbids `worker-src blob:`; `false` compresses without a worker. Default: a
   * worker from a blob, where nothing in the page shows that it has such a policy.
   */
  workerUrl?: string | false;
  /** False: recording begins with `start()`, for instance once the user has agreed. Default true. */
  autoStart?: boolean;
  /** Told about failures inside the recorder; default: `diag.error`. They never reach the page. */
  onError?: ErrorListener;
}
