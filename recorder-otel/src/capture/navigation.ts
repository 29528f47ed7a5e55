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
    // In browsers without the Navigation API `pushState` is noticed by what the page does next.
    recording.on('event', ({ timestamp }) => look(timestamp)),
    listen(window, 'popstate hashchange', () => look()),
    listen(document, 'visibilitychange', shown),
    recording.on('leave', () => {
      if (document.visibilityState === 'hidden') mark('hidden');
    }),
  ];
  if (navigation) ends.push(listen(navigation, 'currententrychange', () => look()));
  return () => ends.forEach((end) => end());
}
