/** Runs in the page of `replayed.ts`. */
import { Replayer } from 'rrweb';

/** Looks into shadow roots too. */
function* all(root, selector) {
  yield* root.querySelectorAll(selector);
  for (const element of root.querySelectorAll('*')) {
    if (element.shadowRoot) yield* all(element.shadowRoot, selector);
  }
}

let replayer;

globalThis.replay = (events) => {
  replayer = new Replayer(events, { showWarning: false, mouseTail: false });
  replayer.pause(replayer.getMetaData().totalTime + 1);
};

globalThis.textOf = (selectors) =>
  selectors
    .flatMap((selector) => [...all(replayer.iframe.contentDocument, selector)])
    .map(({ textContent }) => textContent)
    .join();
