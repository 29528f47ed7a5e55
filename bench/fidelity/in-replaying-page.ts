/** The script of a page that replays: with rrweb as it comes, or with the player's engine. */
import { ExportSource, Playback } from '@otel-replay/player';
import { Replayer } from 'rrweb';
import { compareInk } from './compare-ink.js';
import { describeNodes, type Described } from './describe.js';

/** What the benchmark calls. */
export interface ReplayingPage {
  bare: (events: string) => void;
  ours: (url: string, width: number, height: number) => Promise<string>;
  look: (ids: readonly number[]) => Described;
  compareInk: typeof compareInk;
}

export interface ReplayingWindow {
  replaying: ReplayingPage;
}

/** One page replays one after the other: what was before it is taken away. */
let before: { playback: Playback; stage: HTMLElement } | undefined;
let nodeOf: (id: number) => Node | null = () => null;

const page: ReplayingPage = {
  compareInk,
  bare: (json) => {
    const replayer = new Replayer(JSON.parse(json) as never[], { mouseTail: false });
    replayer.pause(replayer.getMetaData().totalTime + 1);
    nodeOf = (id) => replayer.getMirror().getNode(id);
  },
  ours: async (url, width, height) => {
    before?.playback.stop();
    before?.stage.remove();
    const stage = document.createElement('div');
    stage.style.cssText = `position:absolute;inset:0;width:${width}px;height:${height}px`;
    stage.className = 'stage';
    document.body.append(stage);
    const source = await ExportSource.open(await (await fetch(url)).blob());
    const playback = new Playback({ source, stage });
    before = { playback, stage };
    const { sessionId, lastTimestamp } = source.session;
    await playback.open({ sessionId, time: lastTimestamp });
    nodeOf = (id) => playback.replayNode(id);
    const style = stage.querySelector('iframe')!.contentDocument!.createElement('style');
    style.textContent = '.replayer-mouse{display:none}';
    stage.querySelector('iframe')!.contentDocument!.head.append(style);
    return playback.state.getSnapshot().status;
  },
  look: (ids) =>
    describeNodes(
      ids.flatMap((id): [number, Node][] => {
        const node = nodeOf(id);
        return node === null ? [] : [[id, node]];
      }),
    ),
};
Object.assign(globalThis, { replaying: page });
