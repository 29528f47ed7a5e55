/** All of the package as one global, for pages without a bundler. */
export { startSessionReplay, type StartOptions, type StartedSessionReplay } from './auto.js';
export { SessionReplaySpanProcessor } from './processor.js';
export { sessionBaggage } from './baggage.js';
export { sessionSampler } from './tracestate.js';
