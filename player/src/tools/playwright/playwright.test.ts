/** What sessions become as tests: what may be in them, and that they stay TypeScript. */
import fc from 'fast-check';
import ts from 'typescript';
import type { ReplayEvent, SegmentHeader, SessionManifest } from '@otel-replay/protocol';
import { encodePayload } from '@otel-replay/protocol';
import { describe, expect, it } from 'vitest';
import { openFixture } from '../../../test/replay-server.js';
import type { ReplaySource, StoredSegment } from '../../engine/client/source.js';
import { tellStory, writeTest, type Outcome, type Story } from './index.js';
import { comment, literal, pattern } from './typescript.js';

const START = 1_772_442_000_000;
const PAGE = 'https://shop.example.com/checkout';
const OUTCOMES: readonly Outcome[] = ['as_recorded', 'as_it_should_be'];

type Node = Record<string, unknown>;
let nextId = 1;
const text = (textContent: string): Node => ({ type: 3, id: nextId++, textContent });
const element = (
  tagName: string,
  attributes: Record<string, unknown> = {},
  ...childNodes: Node[]
): Node => ({ type: 2, id: nextId++, tagName, attributes, childNodes });
const idOf = (node: Node): number => node['id'] as number;

interface Tab {
  recordingId: string;
  events: ReplayEvent[];
}

/** A page load: Meta and FullSnapshot, and then what is given; `at` counts from the start. */
function tab(recordingId: string, url: string, at: number, body: Node, ...more: object[]): Tab {
  const root = { type: 0, id: nextId++, childNodes: [element('html', {}, body)] };
  const first = [
    { type: 4, data: { href: url, width: 1000, height: 700 }, timestamp: START + at },
    { type: 2, data: { node: root, initialOffset: {} }, timestamp: START + at + 1 },
  ];
  return { recordingId, events: [...first, ...more] as ReplayEvent[] };
}

const did = (at: number, data: object): object => ({ type: 3, timestamp: START + at, data });
const click = (at: number, node: Node, x = 10, y = 10): object =>
  did(at, { source: 2, type: 2, id: idOf(node), x, y });
const focus = (at: number, node: Node): object => did(at, { source: 2, type: 5, id: idOf(node) });
const input = (at: number, node: Node, value: string, isChecked = false): object =>
  did(at, { source: 5, id: idOf(node), text: value, isChecked });
const said = (at: number, tag: string, payload: object): object => ({
  type: 5,
  timestamp: START + at,
  data: { tag: `session_replay.${tag}`, payload },
});
const shown = (at: number, parent: Node, node: Node): object =>
  did(at, {
    source: 0,
    texts: [],
    attributes: [],
    removes: [],
    adds: [...flat(parent, node)],
  });

/** rrweb adds node by node. */
function* flat(parent: Node, node: Node): Generator<object> {
  yield { parentId: idOf(parent), nextId: null, node: { ...node, childNodes: [] } };
  for (const child of (node['childNodes'] ?? []) as Node[]) yield* flat(node, child);
}

async function story(...tabs: Tab[]): Promise<Story> {
  const recordings = tabs.map(({ recordingId, events }) => ({
    recordingId,
    firstTimestamp: events[0]!.timestamp,
    lastTimestamp: events.at(-1)!.timestamp,
    gaps: [],
  }));
  const session = { sessionId: 's', recordings } as unknown as SessionManifest;
  const source = {
    async *segments({ recordingId }: { recordingId: string }): AsyncIterable<StoredSegment> {
      const { events } = tabs.find((one) => one.recordingId === recordingId)!;
      const { header: payload, data } = await encodePayload(events);
      yield { header: { recordingId, index: 0, payload } as SegmentHeader, payload: data };
    },
  } as unknown as ReplaySource;
  return tellStory(source, session, { from: START, to: START + 3_600_000 });
}

async function lines(...tabs: Tab[]): Promise<string> {
  return writeTest(await story(...tabs), { outcome: 'as_recorded', title: 'it' });
}

function statementsOf(code: string): ts.SourceFile {
  const file = ts.createSourceFile('made.ts', code, ts.ScriptTarget.ES2022, true);
  const { diagnostics = [] } = ts.transpileModule(code, { reportDiagnostics: true });
  expect(diagnostics.map(({ messageText }) => messageText)).toEqual([]);
  return file;
}

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

describe('privacy', () => {
  it.each([
    ['a password', { type: 'password', id: 'field' }],
    ['a card', { id: 'field', autocomplete: 'billing cc-number' }],
    ['a code', { id: 'field', autocomplete: 'one-time-code' }],
    ['a field that was a password', { id: 'field', type: 'text', 'data-rr-is-password': 'true' }],
  ])('never holds %s, also when a recording does', async (_name, attributes) => {
    const field = element('input', { ...attributes, value: 'hunter2-secret' });
    const made = await lines(
      tab(
        'a',
        PAGE,
        0,
        element('body', {}, field),
        focus(900, field),
        input(1000, field, 'hunter2-secret'),
      ),
    );
    expect(made).not.toContain('hunter2');
    expect(made).toContain('fill(values.');
  });
});

describe('recordings of anybody', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      `'); process.exit(1); ('`,
      '\u2028*/ process.exit() /*',
      '${process.exit()}',
      '`\n//\r\n',
      '\\',
      '</script>',
      '__proto__',
    ),
  );

  it('stay text: literals mean what they are made of, comments end with their line', () => {
    fc.assert(
      fc.property(nasty, (given) => {
        const file = statementsOf(
          `${comment(given)}\nconst a = ${literal(given)};\nconst b = ${pattern('x')};`,
        );
        expect(file.statements).toHaveLength(2);
        const [first] = file.statements;
        if (first === undefined || !ts.isVariableStatement(first)) throw new Error('no statement');
        const made = first.declarationList.declarations[0]?.initializer;
        expect(made !== undefined && ts.isStringLiteral(made) ? made.text : undefined).toBe(given);
      }),
      { numRuns: 500 },
    );
  });

  it('make one test of known calls, whatever they say', async () => {
    await fc.assert(
      fc.asyncProperty(nasty, nasty, nasty, async (name, value, path) => {
        const field = element('input', { 'aria-label': name, id: value, name: path });
        const button = element(name, { [path]: value, role: value }, text(name));
        const body = element('body', {}, field, button);
        const url = `https://x.example/${path}`;
        const told = await story(
          tab(
            'a',
            url,
            0,
            body,
            focus(900, field),
            input(1000, field, value),
            click(2000, button),
            shown(2100, body, element('p', { role: 'alert' }, text(value))),
            said(2200, 'request', {
              method: name,
              url,
              status: 500,
              start: START + 2050,
              failed: true,
            }),
            said(2300, 'error', { type: value }),
          ),
        );
        for (const outcome of OUTCOMES) {
          const file = statementsOf(writeTest(told, { outcome, title: name, link: value }));
          for (const statement of file.statements) {
            const kinds = [
              ts.SyntaxKind.ImportDeclaration,
              ts.SyntaxKind.ExpressionStatement,
              ts.SyntaxKind.FirstStatement,
              ts.SyntaxKind.FunctionDeclaration,
            ];
            expect(kinds).toContain(statement.kind);
          }
          const outside = [...calledIn(file)].filter((called) => !KNOWN.test(called));
          expect(outside).toEqual([]);
        }
      }),
      { numRuns: 120 },
    );
  });

  it('that are no events of rrweb make an empty test', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            type: fc.integer({ min: 0, max: 9 }),
            timestamp: fc.constant(START + 5),
            data: fc.jsonValue(),
          }),
        ),
        async (events) => {
          if (events.length === 0) return;
          const told = await story({ recordingId: 'a', events: events });
          for (const outcome of OUTCOMES) statementsOf(writeTest(told, { outcome, title: 'x' }));
        },
      ),
      { numRuns: 200 },
    );
  });
});

/** What a made test may call. */
const KNOWN =
  /^(test|test\.use|expect|expect\.arrayContaining|answerTo|page\d*|popup|values|errors|process|fits|path|answer|URL|page\.waitForResponse)$/;

/** The names that calls begin with. */
function* calledIn(file: ts.SourceFile): Generator<string> {
  const stack: ts.Node[] = [file];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      let at: ts.Expression = node.expression;
      while (ts.isPropertyAccessExpression(at) || ts.isCallExpression(at)) at = at.expression;
      if (!ts.isParenthesizedExpression(at) && !ts.isRegularExpressionLiteral(at))
        yield at.getText(file);
    }
    node.forEachChild((child) => void stack.push(child));
  }
}

it('reads a session of two pages, one in columns', async () => {
  const source = await openFixture();
  const { firstTimestamp: from, lastTimestamp: to } = source.session;
  const told = await tellStory(source, source.session, { from, to });
  expect(told.steps.length).toBeGreaterThan(5);
  expect(told.steps[0]?.action.kind).toBe('goto');
  expect(told.viewport.width).toBeGreaterThan(500);
  statementsOf(writeTest(told, { outcome: 'as_recorded', title: 'x' }));
  const late = await tellStory(source, source.session, { from: from + 30_000, to: from + 45_000 });
  expect(late.steps.length).toBeLessThan(told.steps.length);
  expect(late.steps[0]?.action.kind).toBe('goto');
});
