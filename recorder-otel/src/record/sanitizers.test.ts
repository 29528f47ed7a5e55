import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sanitizeCss, sanitizeCssValue } from './css.js';
import { maskText } from './mask.js';
import { sanitizeSrcset, stripUrl } from './url.js';

test.each([
  ['https://user:pw@shop.example:8443/a/b?token=1#frag', 'https://shop.example:8443/a/b'],
  ['//user@cdn.example/x.png?sig=2', '//cdn.example/x.png'],
  ['/orders/1?email=a@b.c', '/orders/1'],
  ['?q=secret', ''],
  ['#/route?x', ''],
  ['mailto:someone@example.com?subject=x', 'mailto:'],
  ['tel:+4912345', 'tel:'],
  ['data:text/plain,secret', 'data:'],
  ['javascript:alert("secret")', 'javascript:'],
  ['blob:https://shop.example/1-2-3', 'blob:'],
  [' https://a.example/x ?y', 'https://a.example/x '],
  ['https://a.example/@user/post', 'https://a.example/@user/post'],
  ['https:\\\\user:pw@host\\x', 'https:\\\\host\\x'],
])('%s is recorded as %s', (url, expected) => {
  expect(stripUrl(url)).toBe(expected);
});

test('no query, fragment or user survives in any URL', () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
      const { origin, pathname } = new URL(url);
      const stripped = stripUrl(url.replace('://', '://me:secret@'));
      expect(new URL(stripped).href).toBe(origin + pathname);
    }),
    { numRuns: 50 },
  );
});

test('srcset keeps sizes, strips URLs', () => {
  const srcset = 'https://c.example/a.png?sig=1 1x, /b.png#x 640w,  data:image/png;base64,AAAA 2x';
  expect(sanitizeSrcset(srcset, stripUrl)).toBe(
    'https://c.example/a.png 1x, /b.png 640w,  data: 2x',
  );
});

test.each([
  ['a::after{content:"Secret 42"}', 'a::after{content:"****** **"}'],
  ['a::after{content:"\\e900"}', 'a::after{content:"\\e900"}'],
  ['a::after{content:"→"}', 'a::after{content:"→"}'],
  ['a::after{content:"\\53 ecret"}', 'a::after{content:"******"}'],
  [':root{--name: "Ann"; --gap: 4px}', ':root{--name: "***"; --gap: 4px}'],
  ['a{font-family:"Open Sans"}', 'a{font-family:"Open Sans"}'],
  ['a{background:url(/x.png?token=1)}', 'a{background:url("/x.png")}'],
  ["a{background:url('data:image/png;base64,AAA')}", 'a{background:url("data:,")}'],
  ['a{filter:url(#blur)}', 'a{filter:url("#blur")}'],
  ['@import "https://u:p@f.example/x.css?key=1";', '@import "https://f.example/x.css";'],
  ['a{color:red}/* secret */', 'a{color:red}'],
  [
    '@font-face{src:url(data:font/woff2;base64,AAA)}',
    '@font-face{src:url("data:font/woff2;base64,AAA")}',
  ],
])('%s becomes %s', (css, expected) => {
  expect(sanitizeCss(css, stripUrl)).toBe(expected);
});

test('a stylesheet file keeps what it embeds; a single value is treated as in a rule', () => {
  const css = 'a{background:url("data:image/svg+xml,<svg/>")}';
  expect(sanitizeCss(css, stripUrl, true)).toBe(css);
  expect(sanitizeCssValue('--label', '"Ann"', stripUrl)).toBe('"***"');
  expect(sanitizeCssValue('color', 'red', stripUrl)).toBe('red');
});

test('masked text has the same white space and nothing else', () => {
  expect(maskText('Ann\n 42 é 👩‍👧')).toMatch(/^\*{3}\n \*\* \* \*+$/);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(maskText(text)).toMatch(/^[\s*]*$/);
    }),
  );
});
