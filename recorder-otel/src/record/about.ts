/** What a segment says about the page and who uses it; read when it opens. */
import type { Guard } from '../guard.js';
import type { SessionReplayOptions } from '../options.js';
import type { SegmentAbout } from '../segment/segmenter.js';
import { policyNameOf } from './privacy.js';
import type { UrlSanitizer } from './url.js';

/** Your own opaque id of the user, or a hash of it. */
export interface ReplayUser {
  id?: string | undefined;
  hash?: string | undefined;
}

export interface About {
  describe: () => SegmentAbout;
  /** Of what is recorded from here on. */
  setUser(user: ReplayUser): void;
}

export function createAbout(
  { masking, userId }: SessionReplayOptions,
  guard: Guard,
  sanitizeUrl: UrlSanitizer,
): About {
  let user: ReplayUser = {};
  return {
    describe: () => {
      const {
        id = guard.run('userId', () => (typeof userId === 'function' ? userId() : userId)),
        hash,
      } = user;
      return {
        url: sanitizeUrl(location.href),
        masking: policyNameOf(masking),
        ...(id !== undefined && { userId: id }),
        ...(hash !== undefined && { userHash: hash }),
      };
    },
    setUser: (next) => void (user = next),
  };
}
