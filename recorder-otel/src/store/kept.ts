/** What keeps segments in the browser, in one chunk: few pages need any of it. */
export { openSpill } from '../emit/spill.js';
export { openCarry } from '../mode/carry.js';
