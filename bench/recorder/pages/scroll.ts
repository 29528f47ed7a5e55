/** A long page that loads more as it is scrolled, a moving mouse, and dialogs over it. */
import { click, element, frame, moveMouse, shown, type Random, type Scenario } from './drive.js';

const STEPS = 180;
const DIALOGS = 8;

export const scroll: Scenario = {
  build(root, random) {
    const feed = element('section', { class: 'long' });
    for (let i = 0; i < 60; i++) feed.append(post(random));
    root.append(element('button', { id: 'open', type: 'button' }, 'Open'), feed);
  },
  async run(root, random) {
    const feed = root.querySelector('.long')!;
    for (let i = 0; i < STEPS; i++) {
      window.scrollTo(0, i * 60);
      moveMouse(20 + ((i * 7) % 900), 20 + ((i * 5) % 600));
      if (i % 5 === 0) for (let n = 0; n < 4; n++) feed.append(post(random));
      await frame();
    }
    for (let i = 0; i < DIALOGS; i++) {
      click(root.querySelector<HTMLElement>('#open')!);
      const dialog = openDialog(random);
      for (let n = 0; n < 12; n++) {
        moveMouse(300 + n * 9, 200 + n * 6);
        await frame();
      }
      click(dialog.querySelector<HTMLElement>('.close')!);
      dialog.remove();
      document.body.classList.remove('dimmed');
      await shown();
    }
  },
};

function openDialog(random: Random): HTMLElement {
  const fields = Array.from({ length: 24 }, (_, i) =>
    element(
      'div',
      { class: 'field' },
      element('label', { for: `field-${i}` }, random.words(2)),
      element('input', { id: `field-${i}`, type: 'text', value: random.words(2) }),
      element('small', {}, random.words(6)),
    ),
  );
  const close = element('button', { class: 'close', type: 'button' }, 'Close');
  const panel = element('div', { class: 'panel', role: 'dialog' }, close, ...fields);
  const dialog = element('div', { class: 'backdrop' }, panel);
  document.body.classList.add('dimmed');
  document.body.append(dialog);
  return dialog;
}

function post(random: Random): HTMLElement {
  return element(
    'article',
    { class: 'post' },
    element('h3', {}, random.words(5)),
    element('p', {}, random.words(24)),
    element(
      'div',
      { class: 'meta' },
      element('span', {}, random.words(2)),
      element('a', { href: '#' }, 'more'),
    ),
  );
}
