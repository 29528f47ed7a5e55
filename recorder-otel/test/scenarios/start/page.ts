import { SessionReplaySpanProcessor } from 'recorder-otel';

let frames = 0;
const create: (name: string) => HTMLElement = document.createElement.bind(document);
Object.assign(document, {
  createElement: (name: string) => {
    if (name === 'iframe') frames++;
    return create(name);
  },
});
const replay = new SessionReplaySpanProcessor({
  url: new URLSearchParams(location.search).get('ingest')!,
  flushIntervalMs: 200,
});
Object.assign(globalThis, { replay, frames: () => frames });
