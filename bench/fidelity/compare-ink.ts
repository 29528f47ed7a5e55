/**
 * Runs in a page: the share of alike pixels of those that are no background in one of two pictures
 * (PNG, base64). The measure of difference is that of pixelmatch, with its threshold of 0.1.
 */
export async function compareInk(a: string, b: string): Promise<number> {
  const read = async (png: string): Promise<ImageData> => {
    const bytes = Uint8Array.from(atob(png), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, bitmap.width, bitmap.height);
  };
  const [live, replayed] = [await read(a), await read(b)];
  if (live.width !== replayed.width || live.height !== replayed.height) return 0;
  const colours = new Map<number, number>();
  const colour = ({ data }: ImageData, at: number): number =>
    (data[at]! << 16) | (data[at + 1]! << 8) | data[at + 2]!;
  for (let at = 0; at < live.data.length; at += 4) {
    const found = colour(live, at);
    colours.set(found, (colours.get(found) ?? 0) + 1);
  }
  const [background] = [...colours].reduce((most, next) => (next[1] > most[1] ? next : most));
  const differs = (x: number, y: number): boolean => {
    const [r, g, b] = [16, 8, 0].map((by) => ((x >> by) & 255) - ((y >> by) & 255));
    const luma = r! * 0.29889531 + g! * 0.58662247 + b! * 0.11448223;
    const i = r! * 0.59597799 - g! * 0.2741761 - b! * 0.32180189;
    const q = r! * 0.21147017 - g! * 0.52261711 + b! * 0.31114694;
    return 0.5053 * luma * luma + 0.299 * i * i + 0.1957 * q * q > 352.15;
  };
  let ink = 0;
  let unlike = 0;
  for (let at = 0; at < live.data.length; at += 4) {
    const [x, y] = [colour(live, at), colour(replayed, at)];
    if (!differs(x, background) && !differs(y, background)) continue;
    ink++;
    if (differs(x, y)) unlike++;
  }
  return ink === 0 ? 1 : 1 - unlike / ink;
}
