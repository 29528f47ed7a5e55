/** A story as a complete Playwright test. */
import { parse, pathPattern } from './addresses.js';
import { found } from './expression.js';
import type { Action, Answer, Story, TestStep, Value } from './steps.js';
import { comment, literal, pattern } from './typescript.js';

/**
 * * `as_recorded`: expects what happened, failures included: it passes while the bug is there
 * * `as_it_should_be`: expects the same way without the failures: it passes when the bug is fixed
 */
export type Outcome = 'as_recorded' | 'as_it_should_be';

export interface TestOptions {
  outcome: Outcome;
  /** Of the test. */
  title: string;
  /** Where the session can be watched, for a comment. */
  link?: string;
}

export function writeTest(story: Story, options: TestOptions): string {
  return new TestWriter(story, options).write();
}

class TestWriter {
  readonly #story: Story;
  readonly #options: TestOptions;
  readonly #origin: string | undefined;
  readonly #body: string[] = [];
  readonly #names = new Set<string>();
  #usesAnswer = false;
  #errors = 0;

  constructor(story: Story, options: TestOptions) {
    this.#story = story;
    this.#options = options;
    const first = story.steps.find(({ action }) => 'url' in action)?.action;
    this.#origin = first !== undefined && 'url' in first ? parse(first.url)?.origin : undefined;
  }

  write(): string {
    const { steps } = this.#story;
    const isFixed = this.#options.outcome === 'as_it_should_be';
    this.#errors = steps.reduce((sum, step) => sum + step.errors.length, 0);
    for (const step of steps) {
      this.#step(step);
      if (!isFixed || !hasFailed(step)) continue;
      if (step !== steps.at(-1))
        this.#line('// What came next in the recording came of the failure.');
      break;
    }
    if (this.#errors > 0) this.#expectErrors();
    return [
      ...this.#head(),
      ...this.#body.map((line) => (line === '' ? '' : `  ${line}`)),
      '});',
      '',
    ].join('\n');
  }

  #head(): string[] {
    const { title, link, outcome } = this.#options;
    const { notes, viewport } = this.#story;
    const types = this.#usesAnswer ? ', type Page, type Response' : '';
    return [
      comment(`Made of a recorded session${link === undefined ? '' : `: ${link}`}`),
      outcome === 'as_recorded'
        ? '// It expects what happened, failures included: it passes while the bug is there.'
        : '// It expects the same way without the failures: it passes when the bug is fixed.',
      ...notes.map(comment),
      `import { expect, test${types} } from '@playwright/test';`,
      '',
      `test.use({`,
      `  baseURL: process.env['BASE_URL'] ?? ${literal(this.#origin ?? 'http://localhost')},`,
      `  viewport: { width: ${integer(viewport.width)}, height: ${integer(viewport.height)} },`,
      `});`,
      ...this.#values(),
      ...(this.#usesAnswer ? ['', ...ANSWER_TO] : []),
      '',
      `test(${literal(title)}, async ({ page }) => {`,
      ...(this.#errors > 0
        ? [
            '  const errors: string[] = [];',
            "  page.on('pageerror', ({ name }) => errors.push(name));",
          ]
        : []),
    ];
  }

  #values(): string[] {
    const { parameters } = this.#story;
    if (parameters.length === 0) return [];
    return [
      '',
      '/** What was typed is masked in the recording: these values are made up. Give others by the environment. */',
      'const values = {',
      ...parameters.flatMap(({ name, field, example }) => [
        `  ${comment(example === undefined ? `${field}: nothing can be made up for it` : field)}`,
        `  ${name}: process.env[${literal(environmentName(name))}] ?? ${literal(example ?? '')},`,
      ]),
      '};',
    ];
  }

  #line(text: string): void {
    this.#body.push(text);
  }

  #step(step: TestStep): void {
    const page = pageName(step.tab);
    const waits = this.#waits(step, page);
    if (step.action.kind === 'goto' || step.leadsTo !== undefined || waits.length > 0) {
      if (this.#body.length > 0) this.#line('');
    }
    for (const { name, made } of waits) this.#line(`const ${name} = ${made};`);
    const { opensTab } = step;
    const popup = opensTab === undefined ? undefined : this.#name('popup');
    if (popup !== undefined) this.#line(`const ${popup} = ${page}.waitForEvent('popup');`);
    for (const line of this.#action(step.action, page, step.tab)) this.#line(line);
    if (popup !== undefined) this.#line(`const ${pageName(opensTab!)} = await ${popup};`);
    for (const { expected } of waits) this.#line(expected);
    if (step.leadsTo !== undefined)
      this.#line(`await ${page}.waitForURL(${this.#address(step.leadsTo)});`);
    this.#shows(step, page);
  }

  #shows({ shows }: TestStep, page: string): void {
    const isFixed = this.#options.outcome === 'as_it_should_be';
    for (const { text, failure, isHeading } of shows) {
      const found =
        isHeading === true
          ? `${page}.getByRole('heading', { name: ${literal(text)}, level: 1 })`
          : `${page}.getByText(${literal(text)})`;
      if (failure && isFixed) this.#line(`await expect(${found}).toHaveCount(0);`);
      else this.#line(`await expect(${found}.first()).toBeVisible();`);
    }
  }

  /** The answers that the step has to wait for, and what is expected of them. */
  #waits(step: TestStep, page: string): { name: string; made: string; expected: string }[] {
    const isFixed = this.#options.outcome === 'as_it_should_be';
    const seen = new Set<string>();
    return step.answers.flatMap((answer) => {
      const url = parse(answer.url);
      const key = `${answer.method} ${answer.url}`;
      const changes = answer.method !== 'GET' && answer.method !== 'HEAD';
      const isOwn = url?.origin === this.#origin;
      if (url === undefined || seen.has(key) || !(answer.failed || (changes && isOwn))) return [];
      seen.add(key);
      const name = this.#name(nameOfAnswer(answer, url));
      const gotNone = answer.status === 0 && !isFixed;
      if (gotNone) {
        const made = `${page}.waitForEvent('requestfailed', (request) => new URL(request.url()).pathname === ${literal(url.pathname)})`;
        return [{ name, made, expected: `await ${name};` }];
      }
      this.#usesAnswer = true;
      const made = `answerTo(${page}, ${literal(answer.method)}, ${path(url.pathname)})`;
      return [{ name, made, expected: this.#expected(name, answer) }];
    });
  }

  #expected(name: string, { status, failed }: Answer): string {
    const isFixed = this.#options.outcome === 'as_it_should_be';
    if (failed && isFixed) return `expect((await ${name}).status()).toBeLessThan(400);`;
    if (status >= 200 && status < 300) return `expect((await ${name}).ok()).toBe(true);`;
    return `expect((await ${name}).status()).toBe(${integer(status)});`;
  }

  #action(action: Action, page: string, tab: number): string[] {
    switch (action.kind) {
      case 'goto': {
        const opened =
          tab > 0 && this.#isNew(page) ? [`const ${page} = await page.context().newPage();`] : [];
        return [...opened, `await ${page}.goto(${literal(this.#relative(action.url))});`];
      }
      case 'opened':
        this.#isNew(page);
        return [`await ${page}.waitForURL(${this.#address(action.url)});`];
      case 'reload':
        return [`await ${page}.reload();`];
      case 'click':
        return [
          `await ${found(page, action.target)}.${action.count === 2 ? 'dblclick' : 'click'}();`,
        ];
      case 'fill':
        return [`await ${found(page, action.target)}.fill(${value(action.value)});`];
      case 'select':
        return [`await ${found(page, action.target)}.selectOption(${value(action.value)});`];
      case 'check':
        return [`await ${found(page, action.target)}.check();`];
      case 'press':
        return [`await ${found(page, action.target)}.press(${literal(action.key)});`];
      case 'scroll':
        return [`await ${page}.mouse.wheel(${integer(action.x)}, ${integer(action.y)});`];
      case 'resize':
        return [
          `await ${page}.setViewportSize({ width: ${integer(action.width)}, height: ${integer(action.height)} });`,
        ];
    }
  }

  #isNew(page: string): boolean {
    const isNew = !this.#names.has(page);
    this.#names.add(page);
    return isNew;
  }

  #relative(url: string): string {
    const parsed = parse(url);
    if (parsed === undefined) return url;
    return parsed.origin === this.#origin ? parsed.pathname : parsed.origin + parsed.pathname;
  }

  /** Recorded addresses have no query, so only the path can be expected. */
  #address(url: string): string {
    const parsed = parse(url);
    if (parsed === undefined) return '/.*/';
    const wanted = pathPattern(parsed.pathname);
    const fits =
      'pattern' in wanted
        ? `${pattern(wanted.pattern)}.test(pathname)`
        : `pathname === ${literal(wanted.path)}`;
    if (parsed.origin === this.#origin) return `({ pathname }) => ${fits}`;
    return `({ origin, pathname }) => origin === ${literal(parsed.origin)} && ${fits}`;
  }

  #expectErrors(): void {
    const types = [...new Set(this.#story.steps.flatMap((step) => step.errors))];
    this.#line('');
    if (this.#options.outcome === 'as_it_should_be') this.#line('expect(errors).toEqual([]);');
    else
      this.#line(
        `expect(errors).toEqual(expect.arrayContaining([${types.map(literal).join(', ')}]));`,
      );
  }

  #name(base: string): string {
    let name = base;
    for (let n = 2; this.#names.has(name) || name === 'page'; n++) name = `${base}${n}`;
    this.#names.add(name);
    return name;
  }
}

const ANSWER_TO = [
  '/** The answer to a request that comes of the next step. */',
  'function answerTo(page: Page, method: string, path: string | RegExp): Promise<Response> {',
  '  return page.waitForResponse((answer) => {',
  '    const { pathname } = new URL(answer.url());',
  "    const fits = typeof path === 'string' ? pathname === path : path.test(pathname);",
  '    return fits && answer.request().method() === method;',
  '  });',
  '}',
];

function hasFailed({ answers, errors }: TestStep): boolean {
  return errors.length > 0 || answers.some((answer) => answer.failed);
}

function pageName(tab: number): string {
  return tab === 0 ? 'page' : `page${tab + 1}`;
}

function path(pathname: string): string {
  const wanted = pathPattern(pathname);
  return 'pattern' in wanted ? pattern(wanted.pattern) : literal(wanted.path);
}

/** `posted checkout` in one word. */
function nameOfAnswer({ method }: Answer, { pathname }: URL): string {
  const last = pathname.split(/[^A-Za-z]+/).findLast((part) => part.length > 2) ?? 'request';
  const verb = /^[A-Z]{3,7}$/.test(method) ? method.toLowerCase() : 'send';
  return `${verb}${last[0]!.toUpperCase()}${last.slice(1, 30)}`;
}

export function environmentName(name: string): string {
  return `TEST_${name.replace(/([a-z0-9])(?=[A-Z])/g, '$1_').toUpperCase()}`;
}

function value(given: Value): string {
  return 'known' in given ? literal(given.known) : `values.${given.parameter}`;
}

function integer(number: number): string {
  return String(Number.isFinite(number) ? Math.round(number) : 0);
}
