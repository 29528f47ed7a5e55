/** What sessions become as tests: each step, and what came of it. */
import type { ReplayEvent } from '@otel-replay/protocol';
import { describe, expect, it } from 'vitest';
import {
  START,
  PAGE,
  text,
  element,
  idOf,
  did,
  click,
  focus,
  input,
  said,
  shown,
  tab,
  story,
  lines,
  statementsOf,
  type Node,
} from '../../../test/stories.js';
import { writeTest, type Outcome } from './index.js';

describe('finding elements again', () => {
  it.each([
    [
      'role and name',
      () => element('button', {}, text('Pay now')),
      `getByRole('button', { name: 'Pay now', exact: true })`,
    ],
    [
      'a test id first',
      () => element('button', { 'data-testid': 'pay' }, text('Pay now')),
      `getByTestId('pay')`,
    ],
    [
      'an id where the name is masked',
      () => element('button', { id: 'pay' }, text('*** ***')),
      `locator('#pay')`,
    ],
    [
      'data- attributes where there is no id',
      () => element('button', { 'data-add': 'mug' }, text('**')),
      `locator('button[data-add="mug"]')`,
    ],
    [
      'its place where nothing is known',
      () => element('button', { id: 'x8f3c2a1b9d' }, text('***')),
      `locator('html > body > button')`,
    ],
  ])('by %s', async (_name, make, found) => {
    const button = make();
    const body = element('body', {}, button);
    expect(await lines(tab('a', PAGE, 0, body, click(1000, button)))).toContain(
      `page.${found}.click();`,
    );
  });

  it('by what it is in, where several are alike', async () => {
    const more = (): Node => element('button', { 'aria-label': 'One more' });
    const [first, second] = [more(), more()];
    const body = element(
      'body',
      {},
      element('div', { role: 'group', 'aria-label': 'Mug' }, first),
      element('div', { role: 'group', 'aria-label': 'Pot' }, second),
    );
    expect(await lines(tab('a', PAGE, 0, body, click(1000, second)))).toContain(
      `page.getByRole('group', { name: 'Pot', exact: true }).getByRole('button', { name: 'One more', exact: true }).click();`,
    );
  });
});

describe('what was done', () => {
  it('is typed once, and masked values become parameters', async () => {
    const name = element('input', { id: 'name' });
    const code = element('input', { id: 'coupon' });
    const body = element(
      'body',
      {},
      element('label', { for: 'name' }, text('Your name')),
      name,
      element('label', { for: 'coupon' }, text('Coupon')),
      code,
    );
    const made = await lines(
      tab(
        'a',
        PAGE,
        0,
        body,
        focus(900, name),
        click(1000, name),
        input(1100, name, '*'),
        input(1200, name, '***'),
        focus(2000, code),
        input(2100, code, 'SAVE'),
        input(2200, code, 'SAVE10'),
      ),
    );
    expect(made.match(/\.fill\(/g)).toHaveLength(2);
    expect(made).toContain(`name: 'Your name', exact: true }).fill(values.yourName);`);
    expect(made).toContain(`name: 'Coupon', exact: true }).fill('SAVE10');`);
    expect(made).toContain(`yourName: process.env['TEST_YOUR_NAME'] ?? 'Test Person',`);
    expect(made).not.toContain('.click()');
  });

  it('leaves out what the page filled in by itself', async () => {
    const field = element('input', { id: 'zip' });
    const made = await lines(
      tab('a', PAGE, 0, element('body', {}, field), input(1000, field, '12345')),
    );
    expect(made).not.toContain('fill');
  });

  it('knows a box that was checked, also by its label, and a choice', async () => {
    const box = element('input', { id: 'gift', type: 'checkbox' });
    const label = element('label', { for: 'gift' }, text('It is a gift'));
    const size = element('select', { id: 'size', name: 'size' });
    const body = element('body', {}, label, box, size);
    const made = await lines(
      tab(
        'a',
        PAGE,
        0,
        body,
        click(1000, label),
        click(1010, box, 0, 0),
        input(1020, box, 'on', true),
        click(2000, size),
        input(2100, size, 'xl'),
      ),
    );
    expect(made).toContain(`getByRole('checkbox', { name: 'It is a gift', exact: true }).check();`);
    expect(made).toContain(`locator('#size').selectOption('xl');`);
    expect(made).not.toContain('.click()');
  });

  it('tells a double click from two', async () => {
    const row = element('button', {}, text('Open'));
    const twice = did(1100, { source: 2, type: 4, id: idOf(row), x: 1, y: 1 });
    const made = await lines(
      tab('a', PAGE, 0, element('body', {}, row), click(1000, row), click(1090, row), twice),
    );
    expect(made).toContain('.dblclick();');
    expect(made).not.toContain('.click();');
  });

  it('scrolls only where something came of it', async () => {
    const body = element('body', {});
    const scroll = (at: number, id: number): object => did(at, { source: 3, id, x: 0, y: 2400 });
    const idle = tab('a', PAGE, 0, body);
    const document = (idle.events[1]!.data as { node: Node }).node;
    idle.events.push(scroll(9000, idOf(document)) as ReplayEvent);
    expect(await lines(idle)).not.toContain('wheel');
    const more = element('p', {}, text('Older orders'));
    idle.events.push(shown(9500, body, more) as ReplayEvent);
    const made = await lines(idle);
    expect(made).toContain('await page.mouse.wheel(0, 2400);');
    expect(made).toContain(`getByText('Older orders').first()).toBeVisible();`);
  });

  it('goes through a link, reloads, and opens another tab', async () => {
    const link = element('a', { href: '/help', target: '_blank' }, text('Help'));
    const home = element('a', { href: '/' }, text('Home'));
    const first = tab(
      'a',
      PAGE,
      0,
      element('body', {}, link, home),
      click(1000, link),
      click(60_000, home),
    );
    const popup = tab(
      'b',
      'https://shop.example.com/help',
      1500,
      element('body', {}, element('h1', {}, text('How can we help?'))),
      click(30_000, element('body')),
    );
    const start = tab('c', 'https://shop.example.com/', 62_000, element('body'));
    const again = tab('d', 'https://shop.example.com/', 90_000, element('body'));
    const made = await lines(first, popup, start, again);
    expect(made).toContain(`const popup = page.waitForEvent('popup');`);
    expect(made).toContain('const page2 = await popup;');
    expect(made).toContain(`page2.getByRole('heading', { name: 'How can we help?', level: 1 })`);
    expect(made).toMatch(
      /name: 'Home'.*click\(\);\n\s+await page\.waitForURL\(\(\{ pathname \}\) => pathname === '\/'\);/,
    );
    expect(made).toContain('await page.reload();');
    statementsOf(made);
  });
});

describe('what came of it', () => {
  const failing = async (outcome: Outcome): Promise<string> => {
    const pay = element('button', {}, text('Pay'));
    const body = element('body', {}, pay);
    const alert = element('div', { role: 'alert' }, text('We could not place your order'));
    const request = {
      method: 'POST',
      url: 'https://shop.example.com/api/orders/123456',
      status: 503,
      start: START + 1010,
      durationMs: 50,
      failed: true,
      traceId: 'a',
      spanId: 'b',
    };
    const told = await story(
      tab(
        'a',
        PAGE,
        0,
        body,
        click(1000, pay),
        said(1100, 'request', request),
        said(1105, 'error', { type: 'TypeError' }),
        shown(1120, body, alert),
        click(9000, pay),
      ),
    );
    return writeTest(told, { outcome, title: 'it' });
  };

  it('is expected as it was', async () => {
    const made = await failing('as_recorded');
    expect(made).toContain(`answerTo(page, 'POST', /^\\/api\\/orders\\/[^/]+$/)`);
    expect(made).toContain('.status()).toBe(503);');
    expect(made).toContain(`getByText('We could not place your order').first()).toBeVisible();`);
    expect(made).toContain(`expect(errors).toEqual(expect.arrayContaining(['TypeError']));`);
    expect(made.match(/\.click\(\)/g)).toHaveLength(2);
    statementsOf(made);
  });

  it('is expected without the failure, and nothing after it', async () => {
    const made = await failing('as_it_should_be');
    expect(made).toContain('.status()).toBeLessThan(400);');
    expect(made).toContain(`getByText('We could not place your order')).toHaveCount(0);`);
    expect(made).toContain('expect(errors).toEqual([]);');
    expect(made.match(/\.click\(\)/g)).toHaveLength(1);
    statementsOf(made);
  });
});
