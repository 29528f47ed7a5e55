/** What a canvas or an image shows, as a picture that a recording can hold. */

/** Larger pictures are scaled down to this many pixels on their longer side. */
const MAX_SIDE = 1024;

/**
 * A WebP (PNG where the browser makes none) as a data URL; encoded off the main thread.
 * @throws DOMException when it holds pictures of another origin, or has no size
 */
export async function encodePicture(
  source: ImageBitmapSource,
  { width, height }: { width: number; height: number },
  quality: number,
  maxSide = MAX_SIDE,
): Promise<string> {
  const scale = Math.min(1, maxSide / Math.max(width, height));
  const bitmap = await createImageBitmap(source, {
    resizeWidth: Math.max(1, Math.round(width * scale)),
    resizeHeight: Math.max(1, Math.round(height * scale)),
  });
  try {
    const copy = new OffscreenCanvas(bitmap.width, bitmap.height);
    copy.getContext('2d')!.drawImage(bitmap, 0, 0);
    const blob = await copy.convertToBlob({ type: 'image/webp', quality });
    return await dataUrl(blob);
  } finally {
    bitmap.close();
  }
}

export function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error ?? new Error('no picture'));
    reader.readAsDataURL(blob);
  });
}
