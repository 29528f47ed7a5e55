import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECORDED_MEDIA, type ReplayEvent } from '@otel-replay/protocol';
import { adaptCss, adaptLateRule, recordedMedia } from './adapt-css.js';
import { sanitizeCss } from './css.js';
import { Sanitizer } from './sanitizer.js';
import { PLACEHOLDER_IMAGE, UrlPolicy, isHarmlessLink, type UrlPolicyOptions } from './url.js';

const strict: UrlPolicyOptions = { allowHosts: [], viewerOrigin: 'https://viewer.example' };
const open: UrlPolicyOptions = {
  ...strict,
  allowHosts: ['shop.example', '*.viewer.example', 'viewer.example'],
};

/** A full snapshot with one element, sanitized: its name and attributes. */
function element(tagName: string, attributes: Record<string, unknown>, options = strict): unknown {
  const sanitizer = new Sanitizer(options);
  sanitizer.sanitize({ type: 4, timestamp: 0, data: { href: 'https://shop.example/a/b' } });
  const node = { type: 2, id: 2, tagName, attributes, childNodes: [] };
  sanitizer.sanitize({
    type: 2,
    timestamp: 0,
    data: { node: { type: 0, id: 1, childNodes: [node] } },
  });
  return { [node.tagName]: node.attributes };
}

describe('elements', () => {
  it.each([
    [
      'img',
      { src: 'https://x.example/a.png', alt: 'A', onerror: 'x()' },
      { src: PLACEHOLDER_IMAGE, alt: 'A' },
    ],
    ['img', { src: 'data:image/png;base64,AAAA' }, { src: 'data:image/png;base64,AAAA' }],
    ['img', { src: 'data:text/html,<script>' }, { src: PLACEHOLDER_IMAGE }],
    [
      'img',
      { srcset: 'data:image/png,AA 1x, https://x.example/2 2x' },
      { srcset: 'data:image/png,AA 1x' },
    ],
    [
      'a',
      { href: 'https://x.example/', ping: 'https://x.example/' },
      { href: 'https://x.example/' },
    ],
    ['a', { href: ' java\nscript:x()' }, {}],
    ['a', { href: '/relative#x' }, { href: '/relative#x' }],
    ['link', { rel: 'dns-prefetch', href: '//x.example' }, { rel: 'dns-prefetch' }],
    ['base', { href: 'https://x.example/', target: '_top' }, {}],
    ['meta', { 'http-equiv': 'refresh', content: '0;url=/x' }, {}],
    ['meta', { name: 'referrer', content: 'unsafe-url' }, {}],
    ['iframe', { src: 'data:text/html,x', srcdoc: '<b>', title: 't' }, { title: 't' }],
    ['object', { data: 'data:image/png,AA', type: 'image/png', width: '9' }, { width: '9' }],
    ['form', { action: '/login', class: 'f' }, { class: 'f' }],
    [
      'input',
      { type: 'password', name: 'pw', value: '***' },
      {
        type: 'text',
        value: '***',
        autocomplete: 'off',
        'data-replay-dots': '',
        'data-1p-ignore': '',
        'data-bwignore': '',
        'data-lpignore': 'true',
      },
    ],
    ['div', { style: 'background:url(/x.png)' }, { style: 'background:url("data:,")' }],
    ['rect', { fill: 'url(#gradient)' }, { fill: 'url(#gradient)' }],
    ['canvas', { rr_dataURL: 'https://x.example/c' }, {}],
    [
      'div',
      { popover: '', 'data-replay-popover': 'open', 'data-replay-focus': '' },
      { popover: '', 'data-replay-popover': 'open' },
    ],
    ['use', { 'xlink:href': '#icon' }, { 'xlink:href': '#icon' }],
    [
      'input',
      { value: 'https://x.example/', placeholder: 'text (with parens)' },
      { value: 'https://x.example/', placeholder: 'text (with parens)' },
    ],
  ])('%s %o', (tagName, before, after) => {
    expect(element(tagName, { ...before })).toEqual({ [tagName]: after });
  });

  it('get the name under which rrweb defuses them', () => {
    expect(element('SCRIPT', { src: 'x' })).toEqual({ script: {} });
  });

  it('may load images of the recorded site when that was allowed, but never from the viewer', () => {
    const before = { src: '../logo.png' };
    expect(element('img', { ...before }, open)).toEqual({
      img: { src: 'https://shop.example/logo.png' },
    });
    expect(element('img', { src: 'https://viewer.example/logout' }, open)).toEqual({
      img: { src: PLACEHOLDER_IMAGE },
    });
    expect(element('iframe', { src: 'https://shop.example/' }, open)).toEqual({ iframe: {} });
    expect(element('link', { rel: 'preconnect', href: '/' }, open)).toEqual({
      link: { rel: 'preconnect' },
    });
  });
});

describe('mutations', () => {
  it('are judged by the element they change', () => {
    const sanitizer = new Sanitizer(strict);
    const add = (id: number, tagName: string): object => ({
      parentId: 1,
      nextId: null,
      node: { type: 2, id, tagName, attributes: {}, childNodes: [] },
    });
    const style = {
      parentId: 5,
      nextId: null,
      node: { type: 3, id: 6, textContent: '@import "x";' },
    };
    const event: ReplayEvent = {
      type: 3,
      timestamp: 0,
      data: {
        source: 0,
        adds: [add(3, 'a'), add(4, 'img'), add(5, 'style'), style],
        attributes: [
          { id: 3, attributes: { href: '/kept', onclick: 'x()' } },
          { id: 4, attributes: { src: '/gone', style: { background: 'url(/x)', color: false } } },
        ],
        texts: [
          { id: 6, value: 'b{background:url(/x)}' },
          { id: 7, value: 'a text about url(/x)' },
        ],
      },
    };
    expect(sanitizer.sanitize(event)).toBe(event);
    expect(style.node.textContent).toBe('');
    expect(event.data).toMatchObject({
      attributes: [
        { id: 3, attributes: { href: '/kept' } },
        {
          id: 4,
          attributes: {
            src: PLACEHOLDER_IMAGE,
            style: { background: 'url("data:,")', color: false },
          },
        },
      ],
      texts: [
        { id: 6, value: 'b{background:url("data:,")}' },
        { id: 7, value: 'a text about url(/x)' },
      ],
    });
    expect(sanitizer.blockedCount).toBe(2); // of two addresses, one of them twice
  });

  it('that nobody understands are refused and counted, not passed on', () => {
    const sanitizer = new Sanitizer(strict);
    expect(
      sanitizer.sanitize({ type: 3, timestamp: 0, data: { source: 0, adds: 7 } }),
    ).toBeUndefined();
    expect(sanitizer.sanitize({ type: 2, timestamp: 0, data: {} })).toBeUndefined();
    expect(sanitizer.refusedCount).toBe(2);
    expect(sanitizer.sanitize({ type: 5, timestamp: 0, data: { tag: 'x' } })).toBeUndefined();
    expect(sanitizer.sanitize({ type: 3, timestamp: 0, data: { source: 9 } })).toBeUndefined();
    expect(sanitizer.refusedCount).toBe(2);
  });

  it('of any shape never throw', () => {
    const sanitizer = new Sanitizer(strict);
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 0, max: 17 }),
        fc.object(),
        (type, source, data) => {
          sanitizer.sanitize({ type, timestamp: 0, data: { ...data, source } });
        },
      ),
    );
  });

  it('survive a tree deeper than the stack', () => {
    let node: object = { type: 3, id: 1, textContent: 'x' };
    for (let id = 2; id < 100_000; id++) {
      node = { type: 2, id, tagName: 'div', attributes: { onclick: 'x' }, childNodes: [node] };
    }
    const sanitizer = new Sanitizer(strict);
    expect(sanitizer.sanitize({ type: 2, timestamp: 0, data: { node } })).toBeDefined();
    expect((node as { attributes: object }).attributes).toEqual({});
  });
});

describe('style sheets', () => {
  it.each([
    ['a{b:c}', 'a{b:c}'],
    ['@import url("x.css");a{b:c}', 'a{b:c}'],
    ["a{b:url( 'https://x.example/i' ) c}", 'a{b:url("data:,") c}'],
    ['a{b:URL(x)}', 'a{b:url("data:,")}'],
    ['a{b:url(https://x.example/open', 'a{b:url("data:,")'],
    ['a{b:url("https://x.example/open', 'a{b:url("data:,")'],
    ['a{b:u\\72 l(x);c:\\55RL("y")}', 'a{b:url("data:,");c:url("data:,")}'],
    ['@\\69mport "x";a{b:c}', 'a{b:c}'],
    ['@import"a;b"screen;@import url(data:text/css;base64,AA);a{b:c}', 'a{b:c}'],
    ['a{b:src("x")}', 'a{b:url("data:,")}'],
    ['a{cursor:url(x) 2 2,auto}', 'a{cursor:url("data:,") 2 2,auto}'],
    ['a{b:-webkit-image-set(url(x) 1x)}', 'a{b:-webkit-image-set(url("data:,") 1x)}'],
    ['a{b:image-set("x" type("image/png") 1x)}', 'a{b:image-set("data:," type("image/png") 1x)}'],
    [
      '@namespace svg url(http://www.w3.org/2000/svg);',
      '@namespace svg url(http://www.w3.org/2000/svg);',
    ],
    [':root{--x:url(x)}', ':root{--x:url("data:,")}'],
    ['.md\\:w-\\[url\\(x\\)\\]{a:b}', '.md\\:w-\\[url\\(x\\)\\]{a:b}'],
    ['a{b:url(#x) url(data:image/png,A)}', 'a{b:url(#x) url(data:image/png,A)}'],
    ['a{b:image-set("x.png" 1x, "y.png" 2x)}', 'a{b:image-set("data:," 1x, "data:," 2x)}'],
  ])('%s', (before, after) => {
    expect(sanitizeCss(before, new UrlPolicy(strict))).toBe(after);
  });

  it.each([
    ['.a:hover .b{c:d}', '.a.\\:hover .b{c:d}'],
    ['.a{c:d}', '.a{c:d}'],
    ['@media (hover:hover){.a:hover,b{c:d}}', '@media (hover:hover){.a.\\:hover,b{c:d}}'],
    ['.md\\:hover{c:d}', '.md\\:hover{c:d}'],
    ['.a:not(:hover){c:d}', '.a:not(.\\3a hover){c:d}'],
    ['.a:hover::before{content:"}{:hover"}', '.a:hover::before{content:"}{:hover"}'],
  ])('get hover as a class when they arrive late: %s', (before, after) => {
    expect(adaptLateRule(before, undefined)).toBe(after);
  });

  it.each([
    ['a:focus{b:c}', 'a:is(:focus,[data-replay-focus]){b:c}'],
    [
      'a:focus-within .focus\\:b{c:d}',
      'a:is(:focus-within,[data-replay-focus-within]) .focus\\:b{c:d}',
    ],
    ['@media (prefers-color-scheme: dark){a{b:c}}', '@media (min-width:0px){a{b:c}}'],
    [
      '@media (PREFERS-COLOR-SCHEME:light) and (hover){}',
      '@media (max-width:0px) and (max-width:0px){}',
    ],
    ['@media (prefers-reduced-motion: no-preference){}', '@media (min-width:0px){}'],
    [
      '@media (any-pointer: coarse) and (pointer: fine){}',
      '@media (min-width:0px) and (max-width:0px){}',
    ],
    [':root{color-scheme:light dark}', ':root{color-scheme:only dark}'],
    [':root{color-scheme:light}', ':root{color-scheme:light}'],
  ])('look as they did where they were recorded: %s', (before, after) => {
    const media = recordedMedia([
      '(prefers-color-scheme: dark)',
      '(pointer: coarse)',
      '(min-width: 1px)',
    ]);
    expect([...media!]).toEqual(RECORDED_MEDIA.filter((query) => !query.includes('motion')));
    expect(adaptCss(before, media)).toBe(after);
  });
});

it('knows which links can do nothing', () => {
  expect(['https://a', '/a', '#a', 'mailto:a', '?a'].every(isHarmlessLink)).toBe(true);
  expect(
    ['javascript:a', 'data:text/html,a', 'vbscript:a', '\u0001javascript:a', 'blob:a'].some(
      isHarmlessLink,
    ),
  ).toBe(false);
});
