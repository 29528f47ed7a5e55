import type { ReplayEvent } from '@otel-replay/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ReplaySource } from '../client/source.js';
import { EventMasker } from './event-masker.js';
import { maskedSource } from './masked-source.js';
import { createMasks, type Masks, type MaskingRules } from './rules.js';
import { parseSelectors, type MatchableElement } from './selectors.js';
import { maskPayload, maskValue } from './values.js';

const SECRET = 'Ada 4242';

function masksOf(rules: MaskingRules): Masks {
  return createMasks(rules)!;
}

function element(
  tag: string,
  attributes: Record<string, string> = {},
  parent?: MatchableElement,
): MatchableElement {
  return { tag, attributes, parent };
}

describe('selectors', () => {
  const form = element('form', { id: 'pay', class: 'card wide' });
  const label = element('label', { 'data-kind': 'iban-de' }, form);
  const input = element('input', { name: 'a b' }, label);

  it.each([
    ['input', true],
    ['INPUT', true],
    ['*', true],
    ['form input', true],
    ['#pay input', true],
    ['.wide input[name]', true],
    ['form.card.wide > label > input', true],
    ['form > input', false],
    ['.nothing input', false],
    ['a, form input', true],
    ['[data-kind^=iban] input', true],
    ['[data-kind$="-de"] input', true],
    ["[data-kind*='n-d'] input", true],
    ['[data-kind=iban] input', false],
    ['[name~=b]', true],
    ['[name="a b"]', true],
    ['input#pay', false],
  ])('%s', (selector, matches) => {
    expect(parseSelectors([selector], 'x').matches(input)).toBe(matches);
  });

  it('read escaped names', () => {
    const utility = element('p', { class: 'md:p-[2px]' });
    expect(parseSelectors(['.md\\:p-\\[2px\\]'], 'x').matches(utility)).toBe(true);
  });

  it.each([
    'a:hover',
    'a + b',
    'a ~ b',
    '',
    ' ',
    'a,',
    '> a',
    'a >',
    '[a',
    '[a="b]',
    'a{}',
    '.',
    '#',
  ])('name what they do not understand: %j', (selector) => {
    expect(() => createMasks({ selectors: [selector] })).toThrow(/masking\.selectors/);
  });

  it('that are bad name their option', () => {
    expect(() => createMasks({ blockSelectors: ['a:not(b)'] })).toThrow(
      /masking\.blockSelectors: cannot read "a:not\(b\)" at ":not\(b\)"/,
    );
    expect(() => createMasks({ text: /x*/ })).toThrow(/masking\.text: \/x\*\//);
    expect(() => createMasks({ text: [''] })).toThrow(/masking\.text/);
    expect(() => createMasks({ attributes: 'title' as unknown as string[] })).toThrow(
      /masking\.attributes/,
    );
    expect(createMasks({})).toBeUndefined();
    expect(createMasks({ text: [], selectors: [] })).toBeUndefined();
  });
});

const text = (id: number, textContent: string): object => ({ type: 3, id, textContent });
const node = (
  id: number,
  tagName: string,
  attributes: object,
  ...childNodes: object[]
): object => ({
  ...{ type: 2, id, tagName, attributes, childNodes },
});
let clock = 0;
const event = (type: number, data: object): ReplayEvent => ({ type, timestamp: ++clock, data });
const mutation = (change: object): ReplayEvent =>
  event(3, { source: 0, adds: [], removes: [], texts: [], attributes: [], ...change });

/** A page that shows the secret in every way, and events that bring it again. */
function page(): ReplayEvent[] {
  const shown = {
    ...{ title: SECRET, alt: SECRET, value: SECRET, 'data-name': SECRET },
    href: `https://shop.example/${encodeURIComponent(SECRET)}`,
    style: `--n: "${SECRET}"; color: red`,
  };
  const box = (id: number): object =>
    node(
      id,
      'section',
      { class: 'account', ...shown },
      text(id + 1, `Dear ${SECRET}!`),
      node(id + 2, 'input', { ...shown }),
      node(id + 3, 'img', { src: 'data:image/png;base64,QWRhIDQyNDI=', alt: SECRET, class: 'x' }),
    );
  const style = node(50, 'style', {}, text(51, `p::after{content:"${SECRET}"} /* ${SECRET} */`));
  const document = { type: 0, id: 1, childNodes: [node(2, 'html', {}, style, box(10))] };
  return [
    event(4, {
      href: `https://shop.example/?q=${encodeURIComponent(SECRET)}`,
      width: 1,
      height: 1,
    }),
    event(2, { node: document, initialOffset: { top: 0, left: 0 } }),
    mutation({ adds: [{ parentId: 10, nextId: null, node: text(20, SECRET) }] }),
    mutation({ adds: [{ parentId: 2, nextId: null, node: box(30) }] }),
    mutation({ texts: [{ id: 11, value: `Now ${SECRET}` }] }),
    mutation({ texts: [{ id: 51, value: `a{content:'${SECRET}'}` }] }),
    mutation({
      attributes: [{ id: 12, attributes: { ...shown, style: { content: `"${SECRET}"` } } }],
    }),
    event(3, { source: 5, id: 12, text: SECRET, isChecked: false }),
    event(3, { source: 8, id: 50, adds: [{ rule: `a{content:"${SECRET}"}`, index: 0 }] }),
    event(3, {
      source: 15,
      id: 1,
      styles: [{ styleId: 1, rules: [{ rule: `a{content:"${SECRET}"}` }] }],
    }),
    event(3, {
      source: 13,
      id: 50,
      index: [0],
      set: { property: 'content', value: `"${SECRET}"` },
    }),
  ];
}

const isTold = (value: unknown): boolean =>
  [SECRET, encodeURIComponent(SECRET)].some((secret) => JSON.stringify(value).includes(secret));

describe('events', () => {
  const rest = (events: ReplayEvent[]): ReplayEvent[] => {
    for (const { data } of events)
      maskPayload(data as Record<string, unknown>, masksOf({ text: [SECRET] }));
    return events;
  };

  it.each<[string, MaskingRules]>([
    ['a text', { text: ['ada 4242'] }],
    ['a pattern', { text: /Ada(?:%20|\s)\d+/ }],
  ])('hold nothing that %s hides', (_name, rules) => {
    const masked = new EventMasker(masksOf(rules)).mask(rest(page()));
    expect(masked).toHaveLength(page().length);
    expect(isTold(masked)).toBe(false);
    // The rest stays.
    expect(JSON.stringify(masked)).toContain('Dear *** ****!');
    expect(JSON.stringify(masked)).toContain('color: red');
  });

  it.each<[string, MaskingRules]>([
    ['masked', { selectors: ['.account'] }],
    ['masked from further above', { selectors: ['html'] }],
    ['blocked', { blockSelectors: ['section.account'] }],
  ])('hold nothing of an element that is %s', (_name, rules) => {
    const events = page().filter(({ data }) => {
      const { source } = data as { source?: number };
      // CSS and addresses belong to no element.
      return source === undefined || ![8, 13, 15].includes(source);
    });
    const masked = new EventMasker(masksOf(rules)).mask(events).slice(1);
    const withoutCss = JSON.stringify(masked, (key, value: unknown) =>
      key === 'textContent' && String(value).includes('content:') ? '' : value,
    );
    expect(withoutCss.replaceAll(`a{content:'${SECRET}'}`, '')).not.toContain(SECRET);
    expect(withoutCss).not.toContain(encodeURIComponent(SECRET));
    expect(withoutCss).not.toContain('QWRhIDQyNDI');
    expect(withoutCss).toContain('"class":"account"');
  });

  it('leave nothing of a blocked element but a box, whatever happens in it later', () => {
    const masker = new EventMasker(masksOf({ blockSelectors: ['.account'] }));
    const [, snapshot, added] = masker.mask(page());
    const [, section] = (
      snapshot!.data as {
        node: { childNodes: { childNodes: { childNodes: unknown[]; attributes: object }[] }[] };
      }
    ).node.childNodes[0]!.childNodes;
    expect(section!.childNodes).toEqual([]);
    expect(section!.attributes).toHaveProperty('data-replay-blocked', '');
    expect((added!.data as { adds: unknown[] }).adds).toEqual([]);
  });

  it('are masked from the moment on at which the page says so', () => {
    const masker = new EventMasker(masksOf({ selectors: ['.private'] }));
    const [, , , change] = masker.mask([
      ...page().slice(0, 2),
      mutation({ attributes: [{ id: 2, attributes: { lang: 'en' } }] }),
      mutation({ attributes: [{ id: 10, attributes: { class: 'account private' } }] }),
      mutation({ attributes: [{ id: 10, attributes: { class: 'account' } }] }),
    ]);
    const { texts, attributes } = change!.data as {
      texts: unknown[];
      attributes: { id: number }[];
    };
    expect(texts).toEqual([{ id: 11, value: '****' }]);
    expect(attributes.map(({ id }) => id)).toEqual(expect.arrayContaining([10, 12, 13]));
    const [later] = masker.mask([mutation({ texts: [{ id: 11, value: SECRET }] })]);
    expect(isTold(later)).toBe(false);
  });

  it('do not even tell the beginning of what was typed in the same segment', () => {
    const masker = new EventMasker(masksOf({ text: ['4242'] }));
    const typed = ['4', '42', '424', '4242', '42421'];
    const masked = masker.mask([
      ...page().slice(0, 2),
      ...typed.map((value) => event(3, { source: 5, id: 12, text: value, isChecked: false })),
    ]);
    const texts = masked.slice(2).map(({ data }) => (data as { text: string }).text);
    expect(texts).toEqual(typed.map((value) => '*'.repeat(value.length)));
  });

  it('show no text at all when none is wanted', () => {
    const masked = new EventMasker(masksOf({ maskAllText: true })).mask(page());
    const shown = JSON.stringify(masked.slice(1));
    expect(shown).not.toContain('Dear');
    expect(shown).not.toContain(`content:"${SECRET}"`);
    expect(shown).toContain('"class":"account"');
  });

  it('of any shape never throw', () => {
    const masker = new EventMasker(masksOf({ selectors: ['a b'], text: ['x'], maskAllText: true }));
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 0, max: 17 }),
        fc.object(),
        (type, source, data) => {
          masker.mask([event(type, { ...data, source })]);
        },
      ),
    );
  });
});

describe('what is said besides the page', () => {
  it('is masked in custom events, whatever they hold', () => {
    const masks = masksOf({ text: [SECRET], attributes: ['customer'] });
    const data = {
      tag: 'session_replay.event',
      payload: { name: SECRET, attributes: { customer: 7, note: [SECRET, 4242], sum: 3 } },
    };
    maskPayload(data, masks);
    expect(data.payload).toEqual({
      name: '*** ****',
      attributes: { customer: '*', note: ['*** ****', 4242], sum: 3 },
    });
    const request = {
      payload: { url: `https://a/?q=${encodeURIComponent(SECRET)}`, traceId: SECRET },
    };
    maskPayload(request, masks);
    expect(request.payload).toEqual({ url: 'https://a/?q=*** ****', traceId: SECRET });
  });

  it('leaves names of things and drops what was said when no text is wanted', () => {
    const masks = masksOf({ maskAllText: true });
    expect(
      maskValue(
        {
          sessionId: 's',
          userId: 'ada',
          signals: [{ kind: 'exception', name: 'TypeError', message: SECRET }],
          urls: ['https://a/b?c=d#e'],
          spans: [
            { name: 'GET', attributes: { 'exception.message': SECRET, 'http.method': 'GET' } },
          ],
        },
        masks,
      ),
    ).toEqual({
      sessionId: 's',
      userId: '***',
      signals: [{ kind: 'exception', name: 'TypeError', message: '*** ****' }],
      urls: ['https://a/b'],
      spans: [
        { name: 'GET', attributes: { 'exception.message': '*** ****', 'http.method': 'GET' } },
      ],
    });
  });

  it('is masked by the source, spans and news included, and nothing goes around it', async () => {
    const told = { signals: [{ message: SECRET }], spans: [{ attributes: { note: SECRET } }] };
    const source = {
      findTrace: () => Promise.resolve({ traceId: 't', sessions: [] }),
      ...{ listSessions: () => Promise.resolve(told), manifest: () => Promise.resolve(told) },
      spans: () => Promise.resolve(told),
      segments: async function* () {},
      live: async function* () {
        await Promise.resolve();
        yield { type: 'signals', data: told };
      },
    } as unknown as ReplaySource;
    const masked = maskedSource(source, masksOf({ text: [SECRET] }));
    expect(isTold(await masked.manifest('s'))).toBe(false);
    expect(isTold(await masked.spans('s'))).toBe(false);
    expect(isTold(await masked.listSessions({}))).toBe(false);
    const request = { sessionId: 's', after: new Map() } as unknown as Parameters<
      NonNullable<ReplaySource['live']>
    >[0];
    for await (const news of masked.live!(request)) expect(isTold(news)).toBe(false);
    // What would hand out the recording as it was made is not there.
    expect(Object.keys(masked).sort()).toEqual(
      ['findTrace', 'listSessions', 'live', 'manifest', 'segments', 'spans'].sort(),
    );
  });
});
