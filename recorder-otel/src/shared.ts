/**
 * What the eager part shares with parts that are loaded later. These import it from here, so that
 * bundlers that cut chunks by who needs what make one chunk of it instead of one for each. The eager
 * part imports from here too: what only late parts name would be a chunk of its own, if an empty one.
 */
export { LIMITS } from '@otel-replay/protocol/limits';
export { DEFAULT_URL } from './emit/default-url.js';
export { sendsPrivacySignal } from './consent.js';
export { whenIdle } from './idle.js';
export { listen } from './listen.js';
export {
  CUSTOM,
  FULL_SNAPSHOT,
  INCREMENTAL,
  META,
  MOUSE_INTERACTION,
  MUTATION,
  POINTER_MOVES,
  type RrwebEvent,
} from './record/event-types.js';
export { closedRoots } from './record/closed-roots.js';
export { customElementsRead } from './record/serialize.js';
export { maskText } from './record/mask.js';
export { CONTENT, createPrivacyPolicy, MASKED } from './record/privacy.js';
export type { UrlSanitizer } from './record/url.js';
export { sample, type Sampling } from './mode/sampling.js';
export { CONFIG_KEY, readCachedConfig } from './remote/cached.js';
export { randomHex } from './session/id.js';
export { DATABASE, FILES_KEY, HANDOVER_KEY, KEPT_KEY, WORKER_REFUSED_KEY } from './store/names.js';
