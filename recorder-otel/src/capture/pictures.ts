/**
 * Pictures of the page's own origin, and blobs, that are unmasked: as data in the recording, because
 * where they were they may not be when somebody watches. They come as changes of their elements, so
 * that every rrweb player shows them. Nothing is loaded for it: they are drawn as the page shows them.
 */
import {
  CONTENT,
  createPrivacyPolicy,
  FULL_SNAPSHOT,
  INCREMENTAL,
  listen,
  MUTATION,
} from '../shared.js';
import type { LateParts } from './late-parts.js';
import { encodePicture } from './picture.js';

/** Until then what was put into the page is recorded. */
const SETTLE_MS = 100;
const MAX_REMEMBERED = 100;

/** Returns how to stop. */
export function recordPictures({ recording, options }: LateParts): () => void {
  const { guard, mirror } = recording;
  const wanted = options.capture?.pictures;
  const { maxBytes = 512 * 1024, quality = 0.8 } = typeof wanted === 'object' ? wanted : {};
  const policy = createPrivacyPolicy(options.masking);
  /** By address: each checkpoint shows them again. */
  const encoded = new Map<string, string>();
  let told = new WeakMap<HTMLImageElement, string>();
  let left = maxBytes;
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let stopped = false;

  async function take(image: HTMLImageElement): Promise<void> {
    const { currentSrc, naturalWidth: width, naturalHeight: height } = image;
    const id = mirror.getId(image);
    const isThere = (): boolean =>
      !stopped &&
      recording.isLive() &&
      mirror.getId(image) === id &&
      image.currentSrc === currentSrc &&
      policy.of(image) >= CONTENT;
    if (id < 0 || width === 0 || told.get(image) === currentSrc) return;
    if (!isOwn(currentSrc) || !isThere()) return;
    told.set(image, currentSrc);
    const picture =
      encoded.get(currentSrc) ?? (await encodePicture(image, { width, height }, quality));
    if (encoded.size < MAX_REMEMBERED) encoded.set(currentSrc, picture);
    // While it was encoded, the page may have changed its mind.
    if (!isThere() || picture.length > left) return;
    left -= picture.length;
    recording.add({
      type: INCREMENTAL,
      timestamp: Date.now(),
      data: {
        ...{ source: MUTATION, texts: [], removes: [], adds: [] },
        attributes: [{ id, attributes: { src: picture, srcset: null } }],
      },
    });
  }

  const look = (images: Iterable<HTMLImageElement>): void => {
    for (const image of images) {
      // Of another origin after all, or without a size of its own.
      take(image).catch(() => undefined);
    }
  };
  const soon = (images: () => Iterable<HTMLImageElement>): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      guard.run('pictures', () => look(images()));
    }, SETTLE_MS);
    timers.add(timer);
  };

  const stopLoads = listen(
    document,
    'load',
    guard.wrap('pictures', ({ target }: Event) => {
      if (target instanceof HTMLImageElement) soon(() => [target]);
    }),
  );
  const stopSnapshots = recording.on('event', ({ type }) => {
    if (type !== FULL_SNAPSHOT) return;
    told = new WeakMap();
    left = maxBytes;
    soon(() => document.images);
  });
  soon(() => document.images);
  return () => {
    stopped = true;
    stopLoads();
    stopSnapshots();
    timers.forEach(clearTimeout);
  };
}

function isOwn(address: string): boolean {
  return (
    URL.canParse(address) &&
    new URL(address).origin === location.origin &&
    !address.startsWith('data:')
  );
}
