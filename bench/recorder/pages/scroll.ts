/**
 * A long page that fetches more as it is scrolled, a moving mouse, and dialogs over it: some 900 KB of
 * rrweb's JSON, as in the measurements that the bar was set by.
 */
import { click, element, frame, moveMouse, shown, type Random, type Scenario } from './drive.js';
import { feedPath, makePost, type Post } from './feed.js';

const STEPS = 400;
const EVERY = 5;
/** How many pages of its feed it fetches. */
export const FEED_PAGES = STEPS / EVERY;
const DIALOGS = 20;

export const scroll: Scenario = {
  build(root, random) {
    const feed = element('section', { class: 'long' });
    for (let i = 0; i < 60; i++) feed.append(post(makePost(random)));
    root.append(element('button', { id: 'open', type: 'button' }, 'Open'), feed);
  },
  async run(root, random) {
    const feed = root.querySelector('.long')!;
    const loading: Promise<void>[] = [];
    for (let i = 0; i < STEPS; i++) {
      window.scrollTo(0, i * 60);
      moveMouse(20 + ((i * 7) % 900), 20 + ((i * 5) % 600));
      if (i % EVERY === 0) loading.push(loadMore(feed, i / EVERY));
      await frame();
    }
    await Promise.all(loading);
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

async function loadMore(feed: Element, page: number): Promise<void> {
  const response = await fetch(feedPath(page));
  for (const text of (await response.json()) as Post[]) feed.append(post(text));
}

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

function post({ title, text, author }: Post): HTMLElement {
  return element(
    'article',
    { class: 'post' },
    element('h3', {}, title),
    element('p', {}, text),
    element(
      'div',
      { class: 'meta' },
      element('span', {}, author),
      element('a', { href: '#' }, 'more'),
    ),
  );
}
