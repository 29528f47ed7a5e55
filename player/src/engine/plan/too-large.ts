/** What a page that shows replays takes on: a recording may be anyone's, and the tab is the viewer's. */

/** Of one segment, inflated; recorders cut at some hundred KB. */
export const MAX_SEGMENT_BYTES = 32 * 1024 * 1024;
/** From a checkpoint to the moment; an hour of a busy page without another one is 85 MB. */
export const MAX_WINDOW_BYTES = 128 * 1024 * 1024;

/** Showing it would freeze the page that shows it. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';

  constructor(what: string) {
    super(
      `This moment is not shown, because your browser would stop answering: ${what}. ` +
        'Moments after the next checkpoint can be shown; the lists beside tell what happened here.',
    );
  }
}
