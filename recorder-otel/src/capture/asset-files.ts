/**
 * Reads a file of the page's own origin for the recording. Asked for without cookies, so that what
 * comes is what everybody gets, and from the cache where the browser has it.
 */
import type { UrlSanitizer } from '../shared.js';
import { dataUrl, encodePicture } from './picture.js';

const FONT = /\.(woff2?|ttf|otf)$/i;
const PICTURE = /\.(png|jpe?g|gif|webp|avif|ico|svg)$/i;
const TIMEOUT_MS = 10_000;
/** What fonts begin with, whatever the server calls them. */
const FONT_TYPES: Record<string, string> = {
  wOF2: 'font/woff2',
  wOFF: 'font/woff',
  OTTO: 'font/otf',
  true: 'font/ttf',
  '\0\x01\0\0': 'font/ttf',
};
/** Of an SVG: what draws nothing, may say something, or is no drawing. */
const UNDRAWN =
  'script,metadata,title,desc,text,foreignObject,image,feImage,a,set,animate,animateMotion,animateTransform';
/** Of a sheet that says only how shapes are drawn nothing is a text or an address. */
const SPEAKING = /["'\\@<]|url\(|--|\/\*/i;

export interface AssetReader {
  fetch: typeof globalThis.fetch;
  /** Bytes of a file. */
  maxBytes: number;
}

/** Of the page's origin, and an address that is recorded as it is: without query, id or token. */
export function isPublic(address: string, sanitizeUrl: UrlSanitizer): boolean {
  return (
    URL.canParse(address) &&
    new URL(address).origin === location.origin &&
    !/[?#]/.test(address) &&
    sanitizeUrl(address) === address
  );
}

export const isFontAddress = (address: string): boolean => FONT.test(address);
export const isPictureAddress = (address: string): boolean => PICTURE.test(address);

/** As a data URL. */
export async function readFont(reader: AssetReader, url: string): Promise<string | undefined> {
  const blob = await readFile(reader, url);
  if (!blob) return undefined;
  const start = new Uint8Array(await blob.slice(0, 4).arrayBuffer());
  const type = FONT_TYPES[String.fromCharCode(...start)];
  return type && dataUrl(blob.slice(0, blob.size, type));
}

/** Drawn anew, so that of its file nothing but the picture is left. */
export async function readPicture(
  reader: AssetReader,
  url: string,
  quality: number,
): Promise<string | undefined> {
  const blob = await readFile(reader, url);
  if (!blob) return undefined;
  if (/\.svg$/i.test(url)) {
    const drawing = drawingOf(await blob.text());
    return drawing && `data:image/svg+xml,${encodeURIComponent(drawing.outerHTML)}`;
  }
  const bitmap = await createImageBitmap(blob);
  try {
    // Where it is repeated or placed, its own size matters.
    return await encodePicture(bitmap, bitmap, quality, Infinity);
  } finally {
    bitmap.close();
  }
}

/** The drawing of an SVG file, without anything that is text, a script, or from elsewhere. */
export async function readDrawing(
  reader: AssetReader,
  url: string,
): Promise<SVGElement | undefined> {
  const blob = await readFile(reader, url);
  return blob && drawingOf(await blob.text());
}

async function readFile({ fetch, maxBytes }: AssetReader, url: string): Promise<Blob | undefined> {
  const response = await fetch(url, {
    cache: 'force-cache',
    credentials: 'omit',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const length = Number(response.headers.get('content-length') ?? 0);
  if (!response.ok || length > maxBytes || !response.body) {
    void response.body?.cancel();
    return undefined;
  }
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const bytes = response.body.getReader();
  for (let read = await bytes.read(); !read.done; read = await bytes.read()) {
    parts.push(read.value);
    size += read.value.length;
    if (size <= maxBytes) continue;
    void bytes.cancel();
    return undefined;
  }
  return new Blob(parts, { type: response.headers.get('content-type') ?? '' });
}

function drawingOf(text: string): SVGElement | undefined {
  const { documentElement: root } = new DOMParser().parseFromString(text, 'image/svg+xml');
  if (!(root instanceof SVGElement) || root.localName !== 'svg') return undefined;
  for (const element of root.querySelectorAll(UNDRAWN)) element.remove();
  for (const style of root.querySelectorAll('style')) {
    if (SPEAKING.test(style.textContent)) style.remove();
  }
  for (const element of [root, ...root.querySelectorAll('*')]) {
    for (const { name, value } of [...element.attributes]) {
      if (!isDrawn(name, value)) element.removeAttribute(name);
    }
    if (element.localName === 'style') continue;
    for (const node of [...element.childNodes]) if (node.nodeType !== 1) node.remove();
  }
  return root;
}

/** Names of things, shapes and colours; addresses only of what is in the same file. */
function isDrawn(name: string, value: string): boolean {
  if (/^(on|data-|aria-|xml:|xmlns:(?!xlink))|:.*:|^(role|lang|style|src)$/i.test(name))
    return false;
  if (/href$/i.test(name)) return /^#[-\w.]+$/.test(value);
  return !/url\(/i.test(value) || /^\s*url\(["']?#[-\w.]+["']?\)\s*$/i.test(value);
}
