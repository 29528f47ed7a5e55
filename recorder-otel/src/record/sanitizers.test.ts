import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sanitizeCss, sanitizeStyleValue } from './css.js';
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
  [' https://a.example/x?y', 'https://a.example/x'],
  ['https:me:pw@host.example/x', 'https:host.example/x'],
  ['https://me@evil.example:pw@host.example/x', 'https://host.example/x'],
  ['https://a.example/@user/post', 'https://a.example/@user/post'],
  ['https:\\\\user:pw@host\\x', 'https:\\\\host\\x'],
])('%s is recorded as %s', (url, expected) => {
  expect(stripUrl(url)).toBe(expected);
});

test.each([
  ['/users/ann@shop.example/edit', '/users/*/edit'],
  ['/users/ann%40shop.example', '/users/*'],
  ['/reset/8f14e45fceea167a5a36dedd4bea2543', '/reset/*'],
  ['/o/3f2504e0-4f89-11d3-9a0c-0305e82c3301/edit', '/o/*/edit'],
  ['/j/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP', '/j/*'],
  ['/invite/aB3dE5fG7h', '/invite/*'],
  ['/orders/1234567', '/orders/*'],
  ['/call/+49-170-1234567', '/call/*'],
  ['/cards/4111-1111-1111-1111', '/cards/*'],
  ['/search/ann%20smith', '/search/*'],
  ['/cart;jsessionid=AB12/items', '/cart/items'],
  ['file.css', 'file.css'],
  // What tells pages apart stays, and so do the names of files that a player may have to load.
  ['/orders/12345', '/orders/12345'],
  ['/blog/how-to-bake-a-cake-in-2024', '/blog/how-to-bake-a-cake-in-2024'],
  ['/2024/01/31/news', '/2024/01/31/news'],
  ['/npm/react@18.2.0/umd/react.js', '/npm/react@18.2.0/umd/react.js'],
  ['/assets/main.8f14e45fceea167a.css', '/assets/main.8f14e45fceea167a.css'],
  ['/avatars/ann@shop.example.png', '/avatars/*'],
  ['/%E5%95%86%E5%93%81/', '/%E5%95%86%E5%93%81/'],
])('of the path %s this is recorded: %s', (path, expected) => {
  expect(stripUrl(path)).toBe(expected);
  expect(stripUrl(`https://shop.example/${path.replace(/^\//, '')}?x#y`)).toBe(
    `https://shop.example/${expected.replace(/^\//, '')}`,
  );
});

test('no query, fragment or user survives in any URL, and every part of the path is itself or *', () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
      const { origin, pathname } = new URL(url);
      const stripped = new URL(stripUrl(url.replace('://', '://me:secret@')));
      expect(stripped.href.startsWith(origin)).toBe(true);
      const parts = pathname.replace(/;[^/]*/g, '').split('/');
      for (const [i, part] of stripped.pathname.split('/').entries()) {
        expect([parts[i], '*']).toContain(part);
      }
      expect(stripped.search + stripped.hash + stripped.username).toBe('');
    }),
    { numRuns: 100 },
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
  ["a{content:'Ann", 'a{content:"***"'],
  ['a{content:"Ann\n;--y:"Bob"}', 'a{content:"***"\n;--y:"***"}'],
  ["a{content:'/*'}/**/b{content:'Ann'}", 'a{content:\'/*\'}b{content:"***"}'],
  ['li{list-style-type:"Ann "}', 'li{list-style-type:"*** "}'],
  [
    '@counter-style x{symbols:"Ann" "→";suffix:"Bob"}',
    '@counter-style x{symbols:"***" "→";suffix:"***"}',
  ],
  ['a{text-overflow:"Ann";quotes:"Ann" "«"}', 'a{text-overflow:"***";quotes:"***" "«"}'],
  ['a{background:image-set("/a.png?token=1" 1x)}', 'a{background:image-set("**************" 1x)}'],
  ['a{c\\6fntent:"Ann"}', 'a{c\\6fntent:"***"}'],
  ['a{background:u\\72l(/x?token=1)}', 'a{background:u}'],
  ['a{--x:[a="Ann"] {src:"Ann"}}', 'a{--x:[a="***"] {src:"***"}}'],
  ['[type="text"],[href*="ann@x.example"]{top:0}', '[type="text"],[href*="*"]{top:0}'],
  ['a{grid-template-areas:"head head"}', 'a{grid-template-areas:"head head"}'],
  ['a{src:local("Arial") format("woff2")}', 'a{src:local("Arial") format("woff2")}'],
  ['a{content:attr(x "Ann") counter(c,"Ann")}', 'a{content:attr(x "***") counter(c,"***")}'],
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
  expect(sanitizeStyleValue('--label', '"Ann"', stripUrl)).toBe('"***"');
  expect(sanitizeStyleValue('color', 'red', stripUrl)).toBe('red');
});

test('masked text has the same white space and nothing else', () => {
  expect(maskText('Ann\n 42 é 👩‍👧')).toMatch(/^\*{3}\n \*\* \* \*+$/);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(maskText(text)).toMatch(/^[\s*]*$/);
    }),
  );
});
