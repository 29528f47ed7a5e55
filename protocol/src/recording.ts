/** `@otel-replay/protocol/recording`: what a page needs to record, and nothing of how it is sent. */
export { ATTR_RECORDING_ID, ATTR_SESSION_ID, LIMITS } from './limits.js';
export { RECORDED_MEDIA } from './page-media.js';
export { CANARY_SALT, sessionHash } from './session-hash.js';
