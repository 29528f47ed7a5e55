/** Fonts of the page's own origin, once the page has loaded them. */
import type { LateParts } from './late-parts.js';
import { createAssets } from './assets.js';
import { isFontAddress, isPublic, readFont } from './asset-files.js';

/** Returns how to stop. */
export function recordFonts(parts: LateParts): () => void {
  const { recording, options, fetch, observe } = parts;
  const { sanitizeUrl } = recording;
  const wanted = options.capture?.fonts;
  const { maxFileBytes = 256 * 1024, maxFilesBytes = 1024 * 1024 } =
    typeof wanted === 'object' ? wanted : {};
  const assets = createAssets(parts, maxFilesBytes);
  const reader = { fetch, maxBytes: maxFileBytes };
  const stop = observe(recording, 'resource', ({ name: url }) => {
    if (!isFontAddress(url) || !isPublic(url, sanitizeUrl)) return;
    assets.offer(url, async () => {
      const data = await readFont(reader, url);
      return data === undefined ? undefined : { kind: 'font', url, data };
    });
  });
  return () => {
    stop();
    assets.stop();
  };
}
