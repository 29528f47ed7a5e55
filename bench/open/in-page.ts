/** The script of a page that plays a session of the API, as a panel does. */
import { ApiSource, Playback } from '@otel-replay/player';

export interface OpeningPage {
  /** Opens at a trace, as long as it takes to the first frame; milliseconds. */
  open: (traceId: string, recordedOnly: boolean) => Promise<number>;
  /** Milliseconds until the frame at `time` is shown. */
  seek: (time: number) => Promise<number>;
  /** Milliseconds until all is there that is loaded ahead of a moment that was shown. */
  loadedAhead: () => Promise<number>;
  /** What the replayed page shows of its table. */
  text: () => string;
}

/** As playback by default. */
const AHEAD_MS = 30_000;

let playback: Playback | undefined;

const shown = (): Promise<void> =>
  new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));

function settled(): void {
  const { status, error } = playback!.state.getSnapshot();
  if (status === 'error') throw new Error(`not played: ${error?.message}`);
}

const page: OpeningPage = {
  open: async (traceId, recordedOnly) => {
    const stage = document.createElement('div');
    stage.style.cssText = 'position:absolute;inset:0';
    document.body.append(stage);
    const source = new ApiSource({
      fetch: (input, init) => {
        const url = new URL(input instanceof Request ? input.url : input, location.href);
        if (recordedOnly && url.pathname.endsWith('/events')) {
          url.searchParams.set('checkpoints', 'recorded');
        }
        return fetch(url, init);
      },
    });
    const begin = performance.now();
    playback = new Playback({ source, stage });
    await playback.open({ traceId });
    settled();
    await shown();
    return performance.now() - begin;
  },
  seek: async (time) => {
    const begin = performance.now();
    await playback!.seek(time);
    settled();
    await shown();
    return performance.now() - begin;
  },
  loadedAhead: async () => {
    const begin = performance.now();
    const isThere = (): boolean => {
      const { buffered, to } = playback!.state.getSnapshot();
      return (buffered?.to ?? 0) >= Math.min(to, playback!.clock.getSnapshot() + AHEAD_MS);
    };
    while (!isThere()) await shown();
    return performance.now() - begin;
  },
  text: () => playback!.replayDocument?.querySelector('tbody')?.textContent ?? '',
};
Object.assign(globalThis, { opening: page });
