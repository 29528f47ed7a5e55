/** A board that is fed live: texts, classes and styles change, rows come and go, in every frame. */
import { element, frame, type Random, type Scenario } from './drive.js';

const FRAMES = 300;
const TILES = 120;
const FEED = 60;

export const stream: Scenario = {
  build(root, random) {
    const tiles = element('section', { class: 'tiles' });
    for (let i = 0; i < TILES; i++) {
      tiles.append(
        element(
          'div',
          { class: 'tile', 'data-symbol': `S${i}` },
          element('b', {}, `S${i}`),
          element('span', { class: 'value' }, '100.00'),
          element('i', { class: 'bar', style: 'width: 50%' }),
        ),
      );
    }
    const feed = element('ol', { class: 'feed' });
    for (let i = 0; i < FEED; i++) feed.append(entry(random));
    root.append(tiles, feed);
  },
  async run(root, random) {
    const values = root.querySelectorAll('.value');
    const bars = root.querySelectorAll<HTMLElement>('.bar');
    const tiles = root.querySelectorAll('.tile');
    const feed = root.querySelector('.feed')!;
    for (let i = 0; i < FRAMES; i++) {
      for (let n = 0; n < 20; n++) {
        values[random.below(TILES)]!.firstChild!.nodeValue = (random.below(20_000) / 100).toFixed(
          2,
        );
      }
      for (let n = 0; n < 6; n++) bars[random.below(TILES)]!.style.width = `${random.below(100)}%`;
      for (let n = 0; n < 6; n++) {
        tiles[random.below(TILES)]!.className = random.below(2) ? 'tile up' : 'tile down';
      }
      for (let n = 0; n < 2; n++) {
        feed.prepend(entry(random));
        feed.lastChild!.remove();
      }
      await frame();
    }
  },
};

function entry(random: Random): HTMLElement {
  return element(
    'li',
    { class: `entry level-${random.below(4)}` },
    element('time', {}, `12:${String(random.below(60)).padStart(2, '0')}`),
    element('span', { class: 'message' }, random.words(6)),
    element('a', { href: `/trace/${random.below(99_999)}` }, 'trace'),
  );
}
