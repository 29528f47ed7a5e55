/** Files of a recording that turn up after something that needs them was shown: it is shown again. */
import type { Assets } from '../sanitize/assets.js';

/** Several come one after the other. */
const SETTLE_MS = 300;
/** A recording may be anyone's: more often nothing is interrupted for it. */
const MAX_TIMES = 20;

export interface LateAssetsOptions {
  /** What is on the stage wants what is at this address. */
  misses: (url: string) => boolean;
  isLoading: () => boolean;
  showAgain: () => void;
}

/** Returns how to stop. */
export function watchLateAssets(assets: Assets, options: LateAssetsOptions): () => void {
  let times = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      if (options.isLoading()) soon();
      else options.showAgain();
    }, SETTLE_MS);
  };
  assets.onNews = (urls) => {
    if (!urls.some(options.misses) || ++times > MAX_TIMES) return;
    soon();
  };
  return () => {
    assets.onNews = undefined;
    clearTimeout(timer);
  };
}
