export {
  createReceiver,
  type Receiver,
  type ReceiverDeps,
  type ReceiverOptions,
} from './receiver.js';
export { type CorsOptions } from './cors.js';
export { OverloadedError, type AcceptResult, type Sink } from './sink.js';
