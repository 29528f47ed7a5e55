/** What may be in tests of recordings that anybody made, and that they stay TypeScript. */
import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { openFixture } from '../../../test/replay-server.js';
import {
  START,
  PAGE,
  text,
  element,
  click,
  focus,
  input,
  said,
  shown,
  tab,
  story,
  lines,
  statementsOf,
} from '../../../test/stories.js';
import { tellStory, writeTest, type Outcome } from './index.js';
import { comment, literal, pattern } from './typescript.js';

const OUTCOMES: readonly Outcome[] = ['as_recorded', 'as_it_should_be'];

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
