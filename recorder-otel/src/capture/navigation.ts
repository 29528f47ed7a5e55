/** Where the page goes and whether anybody sees it, without a patch of `history`. */
import { listen } from '../shared.js';
import type { LateParts } from './late-parts.js';

export function recordNavigation({ recording, url }: LateParts): () => void {
  const { guard, sanitizeUrl } = recording;
  let last = url;
  const look = guard.wrap('navigation', (timestamp?: number) => {
    const { href } = location;
    if (href === last) return;
    const [from, to] = [sanitizeUrl(last), sanitizeUrl(href)];
    last = href;
    if (from !== to) recording.mark('session_replay.navigation', { url: to }, timestamp);
  });
  const shown = guard.wrap('visibility', () => {
    if (document.visibilityState === 'visible') mark('visible');
  });
  const mark = (state: 'visible' | 'hidden'): void =>
    recording.mark('session_replay.visibility', { state });
  const { navigation } = window as { navigation?: EventTarget };
  look();
  const ends = [
    listen(window, 'popstate hashchange', () => look()),
    listen(document, 'visibilitychange', shown),
    recording.on('leave', () => {
      if (document.visibilityState === 'hidden') mark('hidden');
    }),
  ];
  if (navigation) ends.push(listen(navigation, 'currententrychange', () => look()));
  // Without it `pushState` is noticed by what the page does next.
  else ends.push(recording.on('event', ({ timestamp }) => look(timestamp)));
  return () => ends.forEach((end) => end());
}
