/** More of what a forged page may hold: the less known ways to load, to run, and to lead away. */
import { RUN, type Forged } from './hostile-elements.js';

const svg = (
  tagName: string,
  attributes: Record<string, unknown>,
  children: Forged[] = [],
): Forged => ({
  ...{ tagName, attributes, children },
  isSVG: true,
});

/** Rules that load something, each in its own way. */
export function extraRules(remote: string): string[] {
  return [
    `p{cursor:url(${remote}/cursor),auto}`,
    `p{list-style-image:url(${remote}/list)}`,
    `p{background:-webkit-image-set(url(${remote}/wkset) 1x)}`,
    `p{background:image-set(url(${remote}/set2) 1x, "${remote}/set3" type("image/png") 2x)}`,
    `p{background:src("${remote}/srcfn")}`,
    `p{background:u\\72l(${remote}/escaped)}`,
    `p{background:\\55\\52\\4c("${remote}/escaped2")}`,
    `p{--x:url(${remote}/custom);background:var(--x)}`,
    `p{border-image:url(${remote}/border) 3;mask:url(${remote}/mask);filter:url(${remote}/filter#f)}`,
    `p::before{content:url(${remote}/content)}`,
    `p{background:cross-fade(url(${remote}/fade),url(${remote}/fade2),50%)}`,
    `@font-face{font-family:y;src:local(nothing),url("${remote}/face.woff2") format("woff2")}`,
    `@media all{@supports (color:red){p{background:url(${remote}/nested)}}}`,
    `p{shape-outside:url(${remote}/shape);offset-path:url(${remote}/path#p)}`,
    `p{background:url(${remote}/unclosed`,
    `p{background:url("${remote}/unclosed-string`,
  ];
}

export function extraHeads(remote: string): Forged[] {
  return [
    ...[
      'apple-touch-icon',
      'search',
      'prerender',
      'alternate stylesheet',
      'STYLESHEET',
      'import',
      'pingback',
      'dns-prefetch preconnect',
    ].map((rel) => ({
      tagName: 'link',
      attributes: {
        REL: rel,
        rel,
        HREF: `${remote}/${rel}`,
        href: `${remote}/${rel}`,
        imagesrcset: `${remote}/iss 1x`,
        as: 'font',
      },
    })),
    {
      tagName: 'META',
      attributes: { 'HTTP-EQUIV': 'REFRESH', CONTENT: `0;url=${remote}/refresh2` },
    },
    {
      tagName: 'meta',
      attributes: { 'http-equiv': 'Content-Security-Policy', content: 'img-src *' },
    },
    { tagName: 'meta', attributes: { 'http-equiv': 'x-dns-prefetch-control', content: 'on' } },
    { tagName: 'BASE', attributes: { HREF: `${remote}/base2/`, target: '_top' } },
    {
      tagName: 'style',
      text: `@\\69mport "${remote}/escaped-import"; @import url("${remote}/import2") layer(x);`,
    },
    {
      tagName: 'style',
      text: `@import '${remote}/import3' screen;@namespace x url(${remote}/namespace);`,
    },
    { tagName: 'style', text: extraRules(`${remote}/sheet`).join('\n') },
    { tagName: 'STYLE', text: `p{background:url(${remote}/upper-style)}` },
    {
      tagName: 'link',
      attributes: {
        rel: 'stylesheet',
        href: `${remote}/css`,
        _cssText: `@import "${remote}/linked";`,
      },
    },
    {
      tagName: 'script',
      attributes: { type: 'speculationrules' },
      text: `{"prefetch":[{"urls":["${remote}/speculation"]}]}`,
    },
    {
      tagName: 'script',
      attributes: { type: 'importmap' },
      text: `{"imports":{"x":"${remote}/map"}}`,
    },
    { tagName: 'noscript', text: `<img src="${remote}/noscript">` },
  ];
}

export function extraElements(remote: string): Forged[] {
  const script = `javascript:${RUN}`;
  return [
    ...[
      'src',
      'href',
      'xlink:href',
      'action',
      'formaction',
      'data',
      'poster',
      'background',
      'cite',
      'longdesc',
      'usemap',
      'codebase',
      'classid',
      'profile',
      'manifest',
      'icon',
      'ping',
      'srcset',
      'lowsrc',
      'dynsrc',
    ].flatMap((name) =>
      ['a', 'img', 'div', 'form', 'button', 'body', 'area', 'input', 'x-any'].map((tagName) => ({
        tagName,
        attributes: { [name]: script, title: name },
      })),
    ),
    { tagName: 'img', attributes: { src: [`${remote}/list-of-one`], srcset: { toString: 1 } } },
    {
      tagName: 'img',
      attributes: {
        src: `//${remote.replace(/^https?:\/\//, '')}/no-scheme`,
        loading: 'eager',
        referrerpolicy: 'unsafe-url',
        crossorigin: 'use-credentials',
      },
    },
    {
      tagName: 'img',
      attributes: {
        src: `\u0001 ${remote}/control`,
        style: { background: [`url(${remote}/style-list)`, 'important'] },
      },
    },
    {
      tagName: 'IFRAME',
      attributes: {
        SRC: `${remote}/upper-iframe`,
        SRCDOC: `<script>${RUN}</script>`,
        rr_src: `${remote}/rr-src`,
      },
    },
    { tagName: 'frame', attributes: { src: `${remote}/frame` } },
    { tagName: 'fencedframe', attributes: { src: `${remote}/fenced` } },
    { tagName: 'portal', attributes: { src: `${remote}/portal` } },
    { tagName: 'applet', attributes: { code: `${remote}/applet`, archive: `${remote}/jar` } },
    { tagName: 'OBJECT', attributes: { DATA: `${remote}/upper-object`, type: 'text/html' } },
    { tagName: 'EMBED', attributes: { SRC: `${remote}/upper-embed`, type: 'image/svg+xml' } },
    {
      tagName: 'video',
      children: [
        { tagName: 'source', attributes: { src: `${remote}/video-source` } },
        {
          tagName: 'track',
          attributes: { src: `${remote}/track`, default: '', kind: 'subtitles' },
        },
      ],
    },
    {
      tagName: 'input',
      attributes: {
        type: 'password',
        name: 'pw',
        id: 'login',
        autocomplete: 'current-password',
        autofocus: '',
      },
    },
    { tagName: 'input', attributes: { type: 'email', name: 'user', autocomplete: 'username' } },
    { tagName: 'details', attributes: { open: '', ontoggle: RUN } },
    {
      tagName: 'div',
      attributes: {
        tabindex: '0',
        autofocus: '',
        onfocus: RUN,
        contenteditable: 'true',
        accesskey: 'f',
      },
      text: 'f',
    },
    { tagName: 'marquee', attributes: { onstart: RUN, behavior: 'alternate' }, text: 'm' },
    {
      tagName: 'dialog',
      attributes: { rr_open_mode: 'modal', oncancel: RUN, onclose: RUN },
      text: 'd',
    },
    {
      tagName: 'template',
      attributes: { shadowrootmode: 'open' },
      children: [{ tagName: 'img', attributes: { src: `${remote}/template` } }],
    },
    {
      tagName: 'math',
      children: [
        {
          tagName: 'maction',
          attributes: { 'xlink:href': script, actiontype: 'statusline', href: `${remote}/math` },
          children: [{ tagName: 'mglyph', attributes: { src: `${remote}/mglyph` } }],
        },
      ],
    },
    {
      tagName: 'div',
      attributes: JSON.parse(
        '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      ) as Record<string, unknown>,
      text: 'p',
    },
    svg('svg', { 'xlink:href': `${remote}/svg`, 'xml:base': `${remote}/xmlbase/` }, [
      svg('a', { 'xlink:href': script, href: script, onclick: RUN }),
      svg('script', { href: `${remote}/svg-script`, 'xlink:href': `${remote}/svg-script2` }),
      svg('foreignObject', { width: '9', height: '9' }, [
        { tagName: 'iframe', attributes: { src: `${remote}/foreign` } },
        { tagName: 'img', attributes: { src: `${remote}/foreign-img` } },
      ]),
      svg('feImage', { href: `${remote}/feimage`, 'xlink:href': `${remote}/feimage2` }),
      svg('image', { width: '9', height: '9' }, [
        svg('animate', {
          attributeName: 'href',
          to: `${remote}/animated`,
          begin: '0s',
          dur: '1s',
          fill: 'freeze',
        }),
      ]),
      svg('image', { width: '9', height: '9' }, [
        svg('set', { attributeName: 'xlink:href', to: `${remote}/set-href` }),
      ]),
      svg('use', { 'xlink:href': `${remote}/use2#x` }),
      svg('use', {
        href: `data:image/svg+xml,<svg id='x' xmlns='http://www.w3.org/2000/svg'><image href='${remote}/use-data'/></svg>#x`,
      }),
      svg('rect', {
        style: `fill:url(${remote}/svg-style#x)`,
        mask: `url(${remote}/svg-mask#x)`,
        filter: `u\\72l(${remote}/svg-filter#x)`,
        width: '9',
        height: '9',
      }),
      svg('style', {}, []),
      svg('handler', { 'ev:event': 'load' }),
    ]),
  ];
}
