import { expect, it } from 'vitest';
import { segment } from '../../../test/recordings.js';
import type { SegmentLoader } from '../plan/segment-loader.js';
import type { Stretch } from '../plan/stretches.js';
import { TooLargeError } from '../plan/too-large.js';
import { Sanitizer } from '../sanitize/sanitizer.js';
import { WindowFeeder } from './window-feeder.js';

it('loads nothing of a moment that takes more than a page may hold', async () => {
  let loads = 0;
  const loader = {
    opening: () => Promise.resolve(undefined),
    events: () => {
      loads++;
      return Promise.resolve([]);
    },
  } as unknown as SegmentLoader;
  const segments = [0, 1, 2, 3, 4].map((index) => ({
    ...segment(index, index === 0 || index === 3),
    uncompressedBytes: 60_000_000,
  }));
  const stretch: Stretch = { recordingId: 'r', segments, from: 0, to: 4900 };
  const open = (time: number): Promise<unknown> =>
    new WindowFeeder({
      ...{ loader, stretch, masker: undefined, onSegment: () => undefined },
      sanitizer: new Sanitizer({ allowHosts: [], viewerOrigin: 'https://viewer.example' }),
    }).open(time, time);
  await expect(open(2500)).rejects.toThrow(TooLargeError);
  await expect(open(2500)).rejects.toThrow('180 MB of changes lead to it');
  expect(loads).toBe(0);
  // Two of them are not too many, nor is what follows the next checkpoint.
  await open(1500);
  await open(4500);
  expect(loads).toBe(4);
});
