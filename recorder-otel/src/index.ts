export { SessionReplaySpanProcessor, type StartedSpan } from './processor.js';
export type { SessionReplayOptions } from './options.js';
export type { MaskingOptions } from './record/privacy.js';
export type { UrlSanitizer } from './record/url.js';
export type { SessionOptions, SessionProvider } from './session/manager.js';
export type { SpanExporterLike } from './emit/transport.js';
export type { ResourceLike } from './emit/span.js';
export type { EndedSpan } from './trigger/errors.js';
export type { ErrorListener } from './guard.js';
