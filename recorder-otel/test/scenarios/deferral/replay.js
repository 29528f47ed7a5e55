/** Runs in the page that replays. */
import { Replayer } from 'rrweb';
import { dump } from './dump.ts';

/** What the page shows at each of the marks. */
globalThis.replayedAtMarks = (events) => {
  const shown = [];
  events.forEach((event, at) => {
    if (event.type !== 5 || (event.data.payload.name ?? event.data.tag) !== 'quiet') return;
    const replayer = new Replayer(events.slice(0, at + 1), {
      showWarning: false,
      mouseTail: false,
    });
    replayer.pause(replayer.getMetaData().totalTime + 1);
    shown.push(dump(replayer.iframe.contentDocument));
    replayer.destroy();
  });
  return shown;
};
