/**
 * When the database is opened in which segments outlive the page. That costs a page some milliseconds
 * and is not done where all is well: what was added is sent, and earlier pages left nothing.
 */

/** The page has better things to do at first. */
const OPEN_MS = 1000;

export interface Lookout {
  /**
   * Something is to be sent.
   * @param urgent a page that leaves could not send it: then it is written only if the database is open
   */
  notice: (urgent: boolean) => void;
  /** Something was added a second ago or earlier: what is urgent has it opened at once. */
  isAwake: () => boolean;
  stop: () => void;
}

/** @param isNeeded asked a second after something was added */
export function createLookout(isNeeded: () => boolean, onNeeded: () => void): Lookout {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let since: number | undefined;
  // The clock may have been set back.
  const isAwake = (): boolean => since !== undefined && Math.abs(Date.now() - since) >= OPEN_MS;
  const stop = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    notice: (urgent) => {
      since ??= Date.now();
      if (urgent && isAwake()) {
        stop();
        onNeeded();
      } else {
        timer ??= setTimeout(() => {
          timer = undefined;
          if (isNeeded()) onNeeded();
        }, OPEN_MS);
      }
    },
    isAwake,
    stop,
  };
}
