/**
 * A session and what plays it in ONE page: it opens from a disk, offline, in any browser. The page
 * is a template that the viewer's build makes; the session's bytes are put into it as text that no
 * browser runs.
 */

/** Of the elements that hold the session, in order; base64. */
export const ONE_FILE_TYPE = 'application/vnd.otel-replay+base64';
/** Where the template gets the session. */
export const ONE_FILE_PLACE = '<!-- the session -->';
/** A page of this size still opens; larger sessions have the `.replay` file. */
export const ONE_FILE_MAX_BYTES = 256 * 1024 * 1024;

/** Whole groups of three bytes, so that pieces of base64 can stand on their own. */
const PIECE_BYTES = 768 * 1024;
/** Arguments of one call; engines allow some ten thousand. */
const CALL_BYTES = 0x2000;

export interface OneFileOptions {
  /** The page that the viewer's build makes. */
  template: string;
  /** An export of the session. */
  file: Blob;
  /** Unix milliseconds to open at. */
  time?: number | undefined;
}

/**
 * In memory is one piece at a time: the browser may keep the others on disk.
 * @throws RangeError when the session is too large for a page, TypeError when the template is none
 */
export async function writeOneFile({ template, file, time }: OneFileOptions): Promise<Blob> {
  if (file.size > ONE_FILE_MAX_BYTES) {
    const size = Math.round(file.size / 1024 / 1024);
    throw new RangeError(
      `This session has ${size} MiB, too much for a page (256 MiB). Download the .replay file: the viewer opens it.`,
    );
  }
  const at = template.indexOf(ONE_FILE_PLACE);
  if (at < 0)
    throw new TypeError('template: not the page for one file that the viewer is built with');
  const parts: Blob[] = [new Blob([template.slice(0, at)])];
  const opensAt = time === undefined ? '' : ` data-time="${Math.round(time)}"`;
  for (let from = 0; from === 0 || from < file.size; from += PIECE_BYTES) {
    const bytes = await file.slice(from, from + PIECE_BYTES).arrayBuffer();
    const text = toBase64(new Uint8Array(bytes));
    parts.push(new Blob([`<script type="${ONE_FILE_TYPE}"${opensAt}>${text}</script>\n`]));
  }
  parts.push(new Blob([template.slice(at + ONE_FILE_PLACE.length)]));
  return new Blob(parts, { type: 'text/html' });
}

/** The export in a page that {@link writeOneFile} made; undefined when there is none in `file`. */
export async function readOneFile(file: Blob): Promise<Blob | undefined> {
  const start = await file.slice(0, 64).text();
  if (!/^\s*<!doctype html/i.test(start)) return undefined;
  if (file.size > 2 * ONE_FILE_MAX_BYTES) return undefined;
  const pattern = new RegExp(
    `<script type="${ONE_FILE_TYPE.replace(/[.+]/g, '\\$&')}"[^>]*>([A-Za-z0-9+/=]*)</script>`,
    'g',
  );
  const parts: Blob[] = [];
  for (const [, text = ''] of (await file.text()).matchAll(pattern)) {
    parts.push(new Blob([fromBase64(text)]));
  }
  return parts.length === 0 ? undefined : new Blob(parts);
}

/** What the page that is open holds; its text is taken out, which frees its memory. */
export function takeOneFile(page: Document): { file: Blob; time: number | undefined } | undefined {
  const holders = [...page.querySelectorAll<HTMLScriptElement>('script')].filter(
    ({ type }) => type === ONE_FILE_TYPE,
  );
  if (holders.length === 0) return undefined;
  const opensAt = Number(holders[0]?.dataset['time'] ?? Number.NaN);
  const parts = holders.map((holder) => {
    const bytes = fromBase64(holder.textContent);
    holder.remove();
    return new Blob([bytes]);
  });
  return { file: new Blob(parts), time: Number.isFinite(opensAt) ? opensAt : undefined };
}

function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += CALL_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CALL_BYTES));
  }
  return btoa(binary);
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}
