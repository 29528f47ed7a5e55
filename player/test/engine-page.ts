/** Runs in the page of engine.browser.test.ts: the engine without any view. */
import { ExportSource } from '../src/engine/client/export-source.js';
import type { ReplaySource } from '../src/engine/client/source.js';
import type { PlaybackOptions } from '../src/engine/playback/options.js';
import { Playback } from '../src/engine/playback/playback.js';

export interface EnginePage {
  playback: Playback;
  /** Requests for segments so far. */
  asked: () => number;
}

type Options = Omit<PlaybackOptions, 'source' | 'stage'>;

Object.assign(globalThis, {
  openReplay: async (options: Options, time?: number): Promise<string> => {
    const stage = document.querySelector<HTMLElement>('#stage')!;
    const file = await ExportSource.open(await (await fetch('/session')).blob());
    let asked = 0;
    const source: ReplaySource = {
      findTrace: (id) => file.findTrace(id),
      listSessions: () => file.listSessions(),
      manifest: (id) => file.manifest(id),
      spans: () => file.spans(),
      segments: (range) => {
        asked++;
        return file.segments(range);
      },
    };
    const playback = new Playback({ source, stage, ...options });
    Object.assign(globalThis, { engine: { playback, asked: () => asked } satisfies EnginePage });
    const { sessionId, lastTimestamp } = file.session;
    await playback.open({ sessionId, time: time ?? lastTimestamp });
    return playback.state.getSnapshot().status;
  },
});
