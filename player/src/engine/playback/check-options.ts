/** Options that somebody typed, checked before anything is opened with them. */
import { createMasks } from '../mask/rules.js';
import { parseHosts } from '../sanitize/hosts.js';
import type { PlaybackOptions } from './options.js';

/** Throws TypeError, as the player would, that names the option, the value and the fix. */
export function checkPlaybackOptions(
  options: Pick<PlaybackOptions, 'allowHosts' | 'masking'>,
): void {
  parseHosts(options.allowHosts ?? []);
  createMasks(options.masking);
}
