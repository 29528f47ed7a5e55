import { describe, expect, it } from 'vitest';
import type { ReplayEvent } from '@otel-replay/protocol';
import { Assets } from './assets.js';
import { Sanitizer } from './sanitizer.js';

const PAGE = 'https://shop.example/a/b';
const FONT = 'data:font/woff2;base64,d09GMg==';
const PICTURE = 'data:image/webp;base64,UklGRg==';
const STAR = ['symbol', { viewBox: '0 0 9 9', onload: 'x()' }, [['path', { d: 'M0 0' }, []]]];

function asset(payload: object): ReplayEvent {
  return { type: 5, timestamp: 1, data: { tag: 'session_replay.asset', payload } };
}

function open(...payloads: object[]): { assets: Assets; sanitizer: Sanitizer } {
  const assets = new Assets();
  assets.learn(payloads.map(asset));
  const options = { allowHosts: [], viewerOrigin: 'https://viewer.example', assets };
  const sanitizer = new Sanitizer(options);
  sanitizer.sanitize({ type: 4, timestamp: 0, data: { href: PAGE } });
  return { assets, sanitizer };
}

/** The `_cssText` of a style element, or the children of an element, after sanitizing. */
function snapshot(sanitizer: Sanitizer, node: object): Record<string, unknown> {
  const root = { type: 0, id: 1, childNodes: [node] };
  sanitizer.sanitize({ type: 2, timestamp: 0, data: { node: root } });
  return root.childNodes[0] as Record<string, unknown>;
}

function css(sanitizer: Sanitizer, text: string): unknown {
  const style = { type: 2, id: 2, tagName: 'style', attributes: { _cssText: text } };
  const { attributes } = snapshot(sanitizer, style);
  return (attributes as Record<string, unknown>)['_cssText'];
}

const use = (href: string): object => ({
  ...{ type: 2, id: 7, tagName: 'use', isSVG: true },
  attributes: { href },
  childNodes: [],
});

describe('files that came along', () => {
  it('are shown in place of what was at their address', () => {
    const { sanitizer } = open(
      { kind: 'font', url: 'https://shop.example/a/f.woff2', data: FONT },
      { kind: 'picture', url: 'https://shop.example/bg.png', data: PICTURE },
    );
    expect(css(sanitizer, 'p{src:url(f.woff2)}')).toBe(`p{src:url("${FONT}")}`);
    expect(css(sanitizer, 'p{background:url(/bg.png) 0 0}')).toBe(
      `p{background:url("${PICTURE}") 0 0}`,
    );
    expect(css(sanitizer, 'p{background:url(/other.png)}')).toBe('p{background:url("data:,")}');
    expect(sanitizer.misses('https://shop.example/other.png')).toBe(true);
    expect(sanitizer.misses('https://shop.example/bg.png')).toBe(false);
  });

  it('put a symbol into what uses it, in snapshots and in changes', () => {
    const url = 'https://shop.example/s.svg#star';
    const { sanitizer } = open({ kind: 'symbol', url, symbol: STAR });
    const node = snapshot(sanitizer, use('/s.svg#star'));
    const [symbol] = node['childNodes'] as { attributes: object; childNodes: object[] }[];
    expect(node['attributes']).toEqual({ href: '#replay-symbol-0' });
    expect(symbol).toMatchObject({
      ...{ type: 2, tagName: 'symbol', isSVG: true },
      attributes: { viewBox: '0 0 9 9', id: 'replay-symbol-0' },
      childNodes: [{ tagName: 'path', attributes: { d: 'M0 0' } }],
    });
    expect(symbol!.attributes).not.toHaveProperty('onload');
    const data = {
      ...{ source: 0, texts: [], removes: [], adds: [] as object[] },
      attributes: [{ id: 7, attributes: { href: url } }],
    };
    sanitizer.sanitize({ type: 3, timestamp: 2, data });
    expect(data.adds).toMatchObject([{ parentId: 7, node: { tagName: 'symbol' } }]);
    expect(data.attributes).toEqual([{ id: 7, attributes: { href: '#replay-symbol-1' } }]);
  });

  it('leave a symbol that nobody brought out, and say so', () => {
    const { sanitizer, assets } = open();
    const told: string[] = [];
    assets.onNews = (urls) => told.push(...urls);
    expect(snapshot(sanitizer, use('/s.svg#star'))['attributes']).toEqual({});
    const url = 'https://shop.example/s.svg#star';
    expect(sanitizer.misses(url)).toBe(true);
    const event = asset({ kind: 'symbol', url, symbol: STAR });
    assets.learn([event, event]);
    expect(told).toEqual([url]);
  });

  it('are only fonts where rules hide more than was recorded', () => {
    const { assets } = open();
    assets.fontsOnly = true;
    const url = 'https://shop.example/';
    assets.learn([
      asset({ kind: 'picture', url: `${url}p`, data: PICTURE }),
      asset({ kind: 'symbol', url: `${url}s#s`, symbol: STAR }),
      asset({ kind: 'font', url: `${url}f`, data: FONT }),
    ]);
    expect([assets.file(`${url}p`), assets.file(`${url}f`)]).toEqual([undefined, FONT]);
    expect(assets.symbol(`${url}s#s`, 'x')).toBeUndefined();
  });

  it.each<[string, object]>([
    ['a page', { kind: 'picture', data: 'data:text/html,<script>x()</script>' }],
    ['a page that says it is a font', { kind: 'font', data: 'data:text/html;base64,AAAA' }],
    ['a picture with an end of its string', { kind: 'picture', data: 'data:image/png,a")}p{x:y' }],
    ['no text', { kind: 'font', data: { toString: 1 } }],
    ['nothing', {}],
    ['a script', { kind: 'symbol', symbol: ['script', {}, []] }],
    ['no shape', { kind: 'symbol', symbol: 'symbol' }],
    ['an endless shape', { kind: 'symbol', symbol: endless() }],
  ])('are not taken when they are %s', (_name, payload) => {
    const url = 'https://shop.example/x';
    const { assets } = open({ url, ...payload });
    expect(assets.file(url)).toBeUndefined();
    const count = JSON.stringify(assets.symbol(url, 'x') ?? '').length;
    expect(count).toBeLessThan(100_000);
    expect(JSON.stringify(assets.symbol(url, 'x') ?? '')).not.toContain('script');
  });

  it('are bounded in number and in size', () => {
    const { assets } = open();
    const url = (n: number): string => `https://shop.example/${n}`;
    const many = Array.from({ length: 3000 }, (_, n) => ({
      kind: 'font',
      url: url(n),
      data: FONT,
    }));
    assets.learn(many.map(asset));
    expect(assets.file(url(999))).toBe(FONT);
    expect(assets.file(url(1000))).toBeUndefined();
    const large = `${FONT.slice(0, 24)}${'A'.repeat(20_000_000)}`;
    const { assets: few } = open(
      { kind: 'font', url: url(1), data: large },
      { kind: 'font', url: url(2), data: large },
    );
    expect([few.file(url(1))?.length, few.file(url(2))]).toEqual([large.length, undefined]);
  });
});

function endless(): unknown {
  let shape: unknown = ['g', {}, []];
  for (let depth = 0; depth < 10_000; depth++) shape = ['g', {}, [shape]];
  return shape;
}
