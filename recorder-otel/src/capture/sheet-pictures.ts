/**
 * Pictures that style sheets name, and symbols of SVG files. What is masked somewhere is not recorded
 * at all: an address says nothing about where it is shown.
 */
import type { RecordedShape } from '@otel-replay/protocol';
import { CONTENT, createPrivacyPolicy, FULL_SNAPSHOT, MUTATION } from '../shared.js';
import { createAssets } from './assets.js';
import { isPictureAddress, isPublic, readDrawing, readPicture } from './asset-files.js';
import { elementsShowing } from './css-pictures.js';
import type { LateParts } from './late-parts.js';

/** What was put into the page since is looked through once. */
const SETTLE_MS = 1000;
const MAX_WAITING = 100;
const MAX_SYMBOLS = 100;
const MAX_SHAPES = 200;
const XLINK = 'http://www.w3.org/1999/xlink';

/** Returns how to stop. */
export function recordSheetPictures(parts: LateParts): () => void {
  const { recording, options, fetch, observe } = parts;
  const { guard, sanitizeUrl } = recording;
  const wanted = options.capture?.pictures;
  const {
    maxFileBytes = 256 * 1024,
    maxFilesBytes = 1024 * 1024,
    quality = 0.8,
  } = typeof wanted === 'object' ? wanted : {};
  const policy = createPrivacyPolicy(options.masking);
  const assets = createAssets(parts, maxFilesBytes);
  const reader = { fetch, maxBytes: maxFileBytes };
  /** Loaded, and not shown by any element that is unmasked, yet. */
  const waiting = new Set<string>();
  const symbols = new Set<string>();
  const drawings = new Map<string, Promise<SVGElement | undefined>>();
  /** There may be an answer that was not there before: all rules of the page are asked for it. */
  let isDue = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const isShown = (elements: readonly Element[]): boolean =>
    elements.length > 0 && elements.every((element) => policy.of(element) >= CONTENT);

  function lookForPictures(): void {
    if (waiting.size === 0 || !isDue) return;
    isDue = false;
    for (const [url, elements] of elementsShowing(waiting)) {
      if (!isShown(elements)) continue;
      waiting.delete(url);
      assets.offer(url, async () => {
        const data = await readPicture(reader, url, quality);
        // While it was read, the page may have changed its mind.
        const now = elementsShowing(new Set([url])).get(url) ?? [];
        return data && isShown(now) ? { kind: 'picture', url, data } : undefined;
      });
    }
  }

  function lookForSymbols(): void {
    const uses = new Map<string, Element[]>();
    for (const use of document.querySelectorAll('use')) {
      const href = use.getAttribute('href') ?? use.getAttributeNS(XLINK, 'href');
      if (!href || href.startsWith('#') || !URL.canParse(href, document.baseURI)) continue;
      const url = new URL(href, document.baseURI).href;
      uses.set(url, [...(uses.get(url) ?? []), use]);
    }
    for (const [url, elements] of uses) {
      const [file, id] = url.split('#') as [string, string | undefined];
      if (symbols.has(url) || symbols.size >= MAX_SYMBOLS || !id || !isShown(elements)) continue;
      if (!/^[-\w.:]+$/.test(id) || !isPublic(file, sanitizeUrl)) continue;
      symbols.add(url);
      assets.offer(url, async () => {
        const drawing = drawings.get(file) ?? readDrawing(reader, file);
        drawings.set(file, drawing);
        const shape = shapeOf((await drawing)?.querySelector(`#${CSS.escape(id)}`));
        return shape && { kind: 'symbol', url, symbol: shape };
      });
    }
  }

  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined;
      guard.run('pictures', lookForPictures);
      guard.run('pictures', lookForSymbols);
    }, SETTLE_MS);
  };
  const stopResources = observe(recording, 'resource', ({ name: url }) => {
    if (waiting.size >= MAX_WAITING || !isPictureAddress(url) || !isPublic(url, sanitizeUrl))
      return;
    waiting.add(url);
    isDue = true;
    soon();
  });
  const stopEvents = recording.on('event', ({ type, data }) => {
    isDue ||= type === FULL_SNAPSHOT;
    if (type === FULL_SNAPSHOT || data['source'] === MUTATION) soon();
  });
  soon();
  return () => {
    clearTimeout(timer);
    stopResources();
    stopEvents();
    assets.stop();
  };
}

/** Undefined: there is none, or it is larger than icons are. */
function shapeOf(element: Element | null | undefined): RecordedShape | undefined {
  if (!element || element.querySelectorAll('*').length > MAX_SHAPES) return undefined;
  const shape = ({ localName, attributes, children }: Element): RecordedShape => [
    localName,
    Object.fromEntries([...attributes].map(({ name, value }) => [name, value])),
    [...children].filter((child) => child.localName !== 'style').map(shape),
  ];
  return shape(element);
}
