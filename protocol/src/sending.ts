/** `@otel-replay/protocol/sending`: what a page needs to send what it recorded. */
export { toAttributes } from './attributes.js';
export {
  ATTR_PAYLOAD_DATA,
  ATTR_RECORDER,
  ATTR_SCREEN,
  ATTR_USER_AGENT,
  SEGMENT_NAME,
} from './names.js';
