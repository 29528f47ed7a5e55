/**
 * A page with a secret in every place of its markup that a recorder can see. One line a place: a new
 * one is a line more.
 */
import type { Secrets } from '../../support/secrets.js';

export function canaryPage({ at }: Secrets): string {
  return `<!doctype html>
<html lang="en" data-user="${at('Htmldata')}">
<head>
  <title>${at('Title')}</title>
  <meta name="description" content="${at('Description')}">
  <meta name="csrf-token" content="${at('Csrf')}">
  <meta property="app:user" content="${at('Metaprop')}">
  <base target="_self">
  <link rel="stylesheet" href="/sheet.css?token=${at('Linkquery')}" title="${at('Linktitle')}">
  <link rel="alternate" href="/feed/${at('Pathmail')}@example.com/x">
  ${head({ at } as Secrets)}
  <script type="application/json">{"user":"${at('Jsonscript')}"}</script>
</head>
<body>
  <!-- ${at('Comment')} -->
  ${content({ at } as Secrets)}
  ${form({ at } as Secrets)}
  ${embedded({ at } as Secrets)}
  ${unmasked({ at } as Secrets)}
  <input id="ignored" data-replay-ignore>
  <div id="late"></div>
  <script src="/app.js"></script>
</body></html>`;
}

/** A file that the page shows; all but its shapes may say something. */
export const drawing = ({ at }: Secrets, name: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20" viewBox="0 0 20 20" data-x="${at(`${name}data`)}" aria-label="${at(`${name}label`)}">
  <!-- ${at(`${name}comment`)} --><title>${at(`${name}title`)}</title><desc>${at(`${name}desc`)}</desc><metadata>${at(`${name}meta`)}</metadata>
  <style>.a::after { content: "${at(`${name}style`)}" }</style><script>"${at(`${name}script`)}"</script>
  <a href="/x?y=${at(`${name}link`)}"><rect width="9" height="9"/></a><text>${at(`${name}text`)}</text>
  <path fill="url(/z?x=${at(`${name}fill`)})" d="M0 0h20v20z" onclick="${at(`${name}click`)}"/>
  <symbol id="i" viewBox="0 0 9 9"><title>${at(`${name}symbol`)}</title><path d="M0 0h9v9z" aria-label="${at(`${name}part`)}"/></symbol></svg>`;

const head = ({ at }: Secrets): string => `
  <style id="style">.a::after { content: "${at('Csscontent')}" } :root { --user: "${at('Cssvariable')}" }
    .b { background: url("/b.png?token=${at('Cssurl')}") } /* ${at('Csscomment')} */
    .c { background: url("data:image/svg+xml,${at('Cssdata')}") }
    .d { quotes: "${at('Cssquote')}" "x"; list-style-type: "${at('Cssmarker')} "; text-emphasis: "${at('Cssemphasis')}" }
    .e { background-image: image-set("/i.png?x=${at('Cssimageset')}" 1x) } .f::marker { content: "${at('Cssmarkercontent')}" }
    .g::before { content: attr(data-x) counter(c) "${at('Cssaftercounter')}"; c\\6fntent: "${at('Cssescaped')}" }
    @counter-style x { system: cyclic; symbols: "${at('Csssymbol')}"; suffix: "${at('Csssuffix')}" }
    .h { grid-template-areas: "a"; content: '/*' } /**/ .i { content: '${at('Csscommentquote')}' }
    @media print { .j::after { content: "${at('Cssmedia')}" } } .k { &::after { content: "${at('Cssnested')}" } }
    @supports (content: "${at('Csssupports')}") { .l { top: 0 } } @import url("/late.css?x=${at('Cssimport')}");</style>
  <style>.pictured { width: 20px; height: 20px; background: url("/pic/masked.svg") } .shown { width: 20px; height: 20px; background: url("/pic/shown.svg") }
    .queried { width: 20px; height: 20px; background: url("/pic/shown.svg?x=${at('Picturequery')}") }</style>
  <style>@import url("/imported.css?x=${at('Cssimported')}"); .m { color: red }</style>
  <style type="text/plain">${at('Cssplain')}</style>
  <style>${at('Cssnone')}</style>`;

const content = ({ at }: Secrets): string => `
  <p id="text">${at('Text')} and ${at('Moretext')}</p>
  <p title="${at('Titleattr')}" aria-label="${at('Arialabel')}" data-name="${at('Dataattr')}"
     aria-valuetext="${at('Valuetext')}" customer="${at('Unknownattr')}" caption="${at('Captionattr')}" error="${at('Errorattr')}" onclick="void '${at('Onclick')}'"
     style="--who: '${at('Styleattr')}'; --word: ${at('Styleword')}; background: url('/x?y=${at('Styleurl')}')">x</p>
  <p src="${at('Srcofp')}" data="${at('Dataofp')}" action="${at('Actionofp')}" href="${at('Hrefofp')}" name="${at('Nameofp')}"
     cite="${at('Citeofp')}" poster="${at('Posterofp')}" min="${at('Minofp')}" max="${at('Maxofp')}" rr_width="${at('Rrwidth')}"
     rr_dataurl="${at('Rrdataurl')}" data-replay-note="${at('Replaynote')}" style="color: red; --x: '${at('Styleunclosed')}">x</p>
  <p id="mail-${at('Idmail')}@example.com" class="user-${at('Classmail')}@example.com">x</p>
  <details name="d"><summary>${at('Summary')}</summary>${at('Details')}</details>
  <dialog id="dialog"><p>${at('Dialog')}</p></dialog><div id="popover" popover>${at('Popover')}</div>
  <table summary="${at('Tablesummary')}" background="/t.png?x=${at('Tablebackground')}"><caption>${at('Caption')}</caption><tr><td abbr="${at('Abbr')}" headers="${at('Headers')}">${at('Cell')}</td></tr></table>
  <ruby>${at('Ruby')}<rt>${at('Rubytext')}</rt></ruby><data value="${at('Datavalue')}">x</data><time datetime="${at('Datetime')}">${at('Time')}</time>
  <img alt="${at('Alt')}" src="/img/${at('Imgpath')}.png?sig=${at('Imgquery')}" srcset="/i.png?s=${at('Srcset')} 2x" usemap="#${at('Usemap')}">
  <img alt="" src="data:image/svg+xml,${at('Imgdata')}"><img alt="" src="/pic/masked.svg"><div class="pictured"></div>
  <svg width="9" height="9"><use href="/pic/masked.svg#i"></use></svg>
  <picture><source srcset="/s.png?x=${at('Sourceset')}"><img alt="${at('Picturealt')}"></picture>
  <video poster="/p.png?x=${at('Poster')}" src="/v.mp4?x=${at('Video')}"><track kind="captions" label="${at('Tracklabel')}" src="/t.vtt?x=${at('Trackquery')}" default>${at('Videofallback')}</video>
  <object data="/o?x=${at('Object')}" name="${at('Objectname')}"><param name="p" value="${at('Param')}">${at('Objectfallback')}</object>
  <embed src="/e?x=${at('Embed')}" type="text/plain"><map name="m"><area alt="${at('Areaalt')}" href="/a?x=${at('Areaquery')}"></map>
  <a id="link" href="https://me:${at('Userinfo')}@shop.example/a?q=${at('Query')}#${at('Fragment')}" ping="/p?x=${at('Ping')}" download="${at('Download')}">x</a>
  <a href="mailto:${at('Mailto')}@example.com">x</a> <a href="data:text/html,${at('Hrefdata')}">x</a>
  <a href="/users/${at('Pathuser')}@example.com/edit">x</a> <a href="/find/${at('Pathwords')}%20smith">x</a>
  <a href="/reset/${at('Pathtoken')}8f14e45fceea167a5a36">x</a> <a href="/cart;sid=${at('Pathparameter')}/x">x</a>
  <blockquote cite="/c?x=${at('Cite')}">${at('Quote')}</blockquote><del cite="/c?x=${at('Delcite')}">${at('Del')}</del>
  <math><mi data-x="${at('Mathdata')}">${at('Math')}</mi><annotation>${at('Annotation')}</annotation></math>
  <user-card name="${at('Customattr')}" src="${at('Customsrc')}" data="${at('Customdata')}" href="${at('Customhref')}" type="${at('Customtype')}">${at('Customtext')}</user-card>`;

const form = ({ at }: Secrets): string => `
  <form id="form" action="/pay?card=${at('Action')}" name="f" autocomplete="on">
    <label>${at('Label')}<input id="typed" placeholder="${at('Placeholder')}" value="${at('Valueattr')}" list="l" pattern="${at('Pattern')}"></label>
    <input type="hidden" name="h" value="${at('Hidden')}">
    <input type="submit" value="${at('Submit')}" formaction="/f?x=${at('Formaction')}"><input type="image" src="/i?x=${at('Inputimage')}" alt="${at('Inputimagealt')}">
    <input type="radio" name="r" value="${at('Radio')}"><input id="radio" type="radio" name="r" value="${at('Radiotwo')}"><label for="radio">${at('Radiolabel')}</label>
    <input id="check" type="checkbox" value="${at('Checkbox')}"> <input id="file" type="file" accept="${at('Accept')}">
    <input id="search" type="search"><input id="tel" type="tel"><input id="email" type="email"><input id="url" type="url">
    <input id="number" type="number" max="${at('Max')}"><input id="dated" type="text" inputmode="numeric">
    <textarea id="area">${at('Textarea')}</textarea>
    <select id="select"><option value="${at('Optionvalue')}" label="${at('Optionlabel')}">${at('Option')}</option>
      <optgroup label="${at('Optgroup')}"><option id="pick" value="p${at('Picked')}">${at('Optiontwo')}</option></optgroup></select>
    <select id="many" multiple><option selected>${at('Selectedone')}</option><option>${at('Selectedtwo')}</option></select>
    <button value="${at('Buttonvalue')}">${at('Button')}</button>
    <output>${at('Output')}</output><progress value="0.5">${at('Progress')}</progress><meter value="3" max="10">${at('Meter')}</meter>
    <datalist id="l"><option value="${at('Datalist')}"></datalist><fieldset><legend>${at('Legend')}</legend></fieldset>
    <input name="nodeName"><input name="matches"><input name="nodeType">
  </form>
  <div id="editable" contenteditable>${at('Editable')}</div>`;

const embedded = ({ at }: Secrets): string => `
  <svg viewBox="0 0 10 10" name="${at('Svgname')}" customer="${at('Svgunknown')}"><title>${at('Svgtitle')}</title><desc>${at('Svgdesc')}</desc><metadata>${at('Svgmetadata')}</metadata>
    <text font-family="x">${at('Svgtext')}<tspan>${at('Svgspan')}</tspan></text><style>.s { content: "${at('Svgstyle')}" }</style><script>"${at('Svgscript')}"</script>
    <image href="/s.png?x=${at('Svgimage')}"></image><a href="/s?x=${at('Svglink')}" xlink:title="${at('Svgxlinktitle')}"><rect aria-label="${at('Svglabel')}"/></a>
    <use href="/sprite.svg?x=${at('Svguse')}#i"></use><filter><feImage href="/f.png?x=${at('Svgfeimage')}"></feImage></filter>
    <set attributeName="href" to="/x?x=${at('Svgset')}"></set><path fill="url(/p?x=${at('Svgfill')})" d="M0 0"/>
    <foreignObject><p title="${at('Foreigntitle')}">${at('Foreign')}</p></foreignObject></svg>
  <noscript><p>${at('Noscript')}</p></noscript>
  <template><p>${at('Template')}</p></template>
  <iframe id="frame" srcdoc="&lt;p title='${at('Frameattr')}'&gt;${at('Frametext')}&lt;/p&gt;&lt;input id='in'&gt;" name="${at('Framename')}"></iframe>
  <iframe id="going" src="/frame?x=${at('Framequery')}"></iframe>
  <div id="host"></div><div id="declared"><template shadowrootmode="open">${at('Declaredroot')}<p>${at('Declared')}</p><slot></slot></template>${at('Slotted')}</div>
  <div><template shadowrootmode="closed"><p>${at('Closedroot')}</p></template></div>`;

const unmasked = ({ at }: Secrets): string => `
  <div data-replay-unmask>
    <p>Public words</p><img alt="" src="/pic/shown.svg"><div class="shown"></div><div class="queried"></div>
    <svg width="9" height="9"><use href="/pic/shown.svg#i"></use></svg><img alt="" src="/pic/${at('Picturename')}@example.com.svg">
    <div data-replay-mask><div class="pictured"></div></div>
    <p data-replay-mask>${at('Remasked')}</p>
    <p data-replay-mask data-replay-unmask>${at('Tie')}</p>
    <form data-replay-mask><input name="parentNode"><input name="nodeType"><input name="matches"><p>${at('Clobbered')}</p></form>
    <meta name="api-key" content="${at('Unmaskedmeta')}">
    <input id="password" type="password" value="${at('Password')}">
    <input id="toggled" type="password">
    <input id="card" autocomplete="section-a billing cc-number"><input id="cvc" name="cvc">
    <input id="cvccamel" name="cardCvc"><input id="cvcsnake" name="card_cvc"><input id="numeric" inputmode="numeric" maxlength="19">
    <input id="placed" placeholder="1234 1234 1234 1234"><input id="digit" maxlength="40" aria-label="Security code">
    <input id="code" autocomplete="one-time-code">
    <textarea id="secretarea" name="secret">${at('Secretarea')}</textarea>
    <select id="pin" name="pin"><option>${'1'}</option><option value="${at('Pinoption')}" data-replay-mask>${at('Pintext')}</option></select>
    <input type="hidden" value="${at('Unmaskedhidden')}">
    <a href="/public?x=${at('Unmaskedquery')}">Public link</a>
    <div data-replay-block title="${at('Blockattr')}"><p>${at('Blocked')}</p></div>
    <div id="late-block"><p id="late-block-text">Public until blocked</p></div>
    <div id="late-mask"><p id="late-mask-text">Public until masked</p></div>
    <div data-replay-block id="blocked-host"></div>
  </div>`;
