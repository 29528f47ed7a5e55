/** A list of tasks: each is typed key by key, added, ticked, edited or deleted. */
import { click, element, pressKey, shown, type Scenario } from './drive.js';

const TASKS = 24;

export const typing: Scenario = {
  build(root, random) {
    const list = element('ul', { class: 'tasks' });
    for (let i = 0; i < 20; i++) list.append(task(random.words(4)));
    root.append(
      element('h1', {}, 'Tasks'),
      element('input', { id: 'new', placeholder: 'What is to be done?', autocomplete: 'off' }),
      element('textarea', { id: 'notes', rows: '4' }),
      element('p', { class: 'count' }, '20 left'),
      list,
    );
  },
  async run(root, random) {
    const list = root.querySelector('.tasks')!;
    const input = root.querySelector<HTMLInputElement>('#new')!;
    const notes = root.querySelector<HTMLTextAreaElement>('#notes')!;
    const count = root.querySelector('.count')!;
    for (let i = 0; i < TASKS; i++) {
      input.focus();
      await type(input, random.words(3));
      list.prepend(task(input.value));
      input.value = '';
      count.textContent = `${list.querySelectorAll('li:not(.done)').length} left`;
      const chosen = list.children[random.below(list.children.length)] as HTMLElement;
      const box = chosen.querySelector<HTMLInputElement>('input')!;
      click(box);
      chosen.classList.toggle('done', box.checked);
      await shown();
      if (i % 4 === 3) {
        notes.focus();
        await type(notes, ` ${random.words(2)}`);
        list.lastElementChild!.remove();
      }
    }
  },
};

async function type(field: HTMLInputElement | HTMLTextAreaElement, text: string): Promise<void> {
  for (const key of text) {
    pressKey(field, key);
    field.value += key;
    field.dispatchEvent(new InputEvent('input', { data: key, bubbles: true }));
    await shown();
  }
  field.dispatchEvent(new Event('change', { bubbles: true }));
}

function task(text: string): HTMLElement {
  return element(
    'li',
    { class: 'task' },
    element('label', {}, element('input', { type: 'checkbox' }), element('span', {}, text)),
    element('button', { type: 'button', 'aria-label': 'Delete' }, '×'),
  );
}
