/** Runs in the page of `replayed.ts`. */
import { Replayer } from 'rrweb';

/** Looks into shadow roots too. */
function* all(root, selector) {
  yield* root.querySelectorAll(selector);
  for (const element of root.querySelectorAll('*')) {
    if (element.shadowRoot) yield* all(element.shadowRoot, selector);
  }
}

globalThis.replayedText = (events, selectors) => {
  const replayer = new Replayer(events, { showWarning: false, mouseTail: false });
  const { totalTime } = replayer.getMetaData();
  replayer.pause(totalTime + 1);
  const { contentDocument } = replayer.iframe;
  return selectors
    .flatMap((selector) => [...all(contentDocument, selector)])
    .map(({ textContent }) => textContent)
    .join();
};
