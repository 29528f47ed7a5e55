/** One chunk for all that reads files of the page. */
export { recordFonts } from './fonts.js';
export { recordSheetPictures } from './sheet-pictures.js';
