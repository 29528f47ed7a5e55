/** One snapshot of about 1.2 MB as rrweb's JSON, and a page that then hardly changes. */
import { click, element, shown, type Random, type Scenario } from './drive.js';

const CARDS = 640;

export const bigDom: Scenario = {
  build(root, random) {
    const list = element('section', { class: 'grid' });
    for (let i = 0; i < CARDS; i++) list.append(card(i, random));
    root.append(element('h1', {}, random.words(4)), list);
  },
  async run(root, random) {
    for (let i = 0; i < 10; i++) {
      const chosen = root.querySelectorAll<HTMLElement>('.card')[random.below(CARDS)]!;
      click(chosen);
      chosen.classList.toggle('chosen');
      chosen.querySelector('p')!.textContent = random.words(8);
      await shown();
    }
  },
};

function card(i: number, random: Random): HTMLElement {
  const tags = Array.from({ length: 3 }, () =>
    element('li', { class: `tag tone-${random.below(9)}` }, random.words(1)),
  );
  return element(
    'article',
    { class: 'card', id: `card-${i}`, 'data-kind': String(random.below(12)) },
    element('h2', { class: 'title' }, element('a', { href: `/item/${i}` }, random.words(4))),
    element('p', { class: 'text', style: `order: ${random.below(40)}` }, random.words(14)),
    element('ul', { class: 'tags' }, ...tags),
    element('span', { class: 'price' }, `${random.below(900)}.00`),
    element('button', { class: 'buy', type: 'button', title: random.words(3) }, random.words(2)),
  );
}
