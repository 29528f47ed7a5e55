/** The operations of js-framework-benchmark on rows of its shape. */
import { click, element, shown, type Random, type Scenario } from './drive.js';

const ROWS = 1000;
let nextId = 1;

export const table: Scenario = {
  build(root) {
    const body = element('tbody', { id: 'rows' });
    const buttons = ['create', 'append', 'update', 'clear', 'swap'].map((name) =>
      element('button', { id: name, type: 'button', class: 'btn btn-primary' }, name),
    );
    root.append(
      element('div', { class: 'jumbotron' }, ...buttons),
      element('table', { class: 'table table-hover table-striped' }, body),
    );
  },
  async run(root, random) {
    const body = root.querySelector<HTMLElement>('#rows')!;
    const press = (name: string): void => click(root.querySelector<HTMLElement>(`#${name}`)!);
    const rows = (): HTMLElement[] => [...body.children] as HTMLElement[];
    const step = async (button: string, work: () => void): Promise<void> => {
      press(button);
      work();
      await shown();
    };

    await step('create', () => append(body, random));
    await step('create', () => {
      body.textContent = '';
      append(body, random);
    });
    for (let round = 0; round < 3; round++) {
      await step('update', () => {
        rows()
          .filter((_, i) => i % 10 === 0)
          .forEach((row) => (row.querySelector('a.lbl')!.firstChild!.nodeValue += ' !!!'));
      });
    }
    for (let i = 0; i < 10; i++) {
      const chosen = rows()[random.below(ROWS)]!;
      click(chosen);
      body.querySelector('.danger')?.removeAttribute('class');
      chosen.className = 'danger';
      await shown();
    }
    for (let i = 0; i < 4; i++) {
      await step('swap', () => {
        const [second, late] = [rows()[1]!, rows()[998]!];
        const after = late.nextSibling;
        body.insertBefore(late, second);
        body.insertBefore(second, after);
      });
    }
    for (let i = 0; i < 10; i++) {
      const removed = rows()[random.below(900)]!;
      click(removed.querySelector<HTMLElement>('.remove')!);
      removed.remove();
      await shown();
    }
    await step('append', () => append(body, random));
    await step('clear', () => (body.textContent = ''));
    await step('create', () => append(body, random));
  },
};

function append(body: HTMLElement, random: Random): void {
  for (let i = 0; i < ROWS; i++) body.append(row(random));
}

function row(random: Random): HTMLElement {
  const icon = element('span', { class: 'glyphicon glyphicon-remove', 'aria-hidden': 'true' });
  return element(
    'tr',
    {},
    element('td', { class: 'col-md-1' }, String(nextId++)),
    element('td', { class: 'col-md-4' }, element('a', { class: 'lbl' }, random.words(3))),
    element('td', { class: 'col-md-1' }, element('a', { class: 'remove' }, icon)),
    element('td', { class: 'col-md-6' }),
  );
}
