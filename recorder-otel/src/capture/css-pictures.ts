/** Which elements the style sheets of the page give which pictures to. */

const PROPERTIES = [
  'backgroundImage',
  'borderImageSource',
  'listStyleImage',
  'maskImage',
  'webkitMaskImage',
  'content',
] as const;
const URLS = /url\(\s*(?:"([^"]*)"|'([^']*)'|([^)]*))\s*\)/g;
/** A part of an element is shown where the element is. */
const PARTS =
  /::?(before|after|marker|placeholder|selection|first-(line|letter)|backdrop|-[-\w]+)/g;
/** Whoever may come to be in such a state has the picture, too. */
const STATES =
  /:(hover|active|focus(-visible|-within)?|target|visited|checked|disabled|enabled)\b/g;
const MAX_RULES = 20_000;

/** @param urls absolute */
export function elementsShowing(urls: ReadonlySet<string>): Map<string, Element[]> {
  const found = new Map<string, Element[]>();
  const add = (url: string, elements: Iterable<Element>): void => {
    if (urls.has(url)) found.set(url, [...(found.get(url) ?? []), ...elements]);
  };
  let left = MAX_RULES;
  const visit = (rules: CSSRuleList, base: string): void => {
    for (const rule of rules) {
      if (left-- <= 0) return;
      if (rule instanceof CSSStyleRule) {
        for (const url of urlsOf(rule.style, base)) {
          if (urls.has(url)) add(url, matching(rule));
        }
      }
      if (rule instanceof CSSImportRule) {
        if (rule.styleSheet) sheet(rule.styleSheet);
      } else if ('cssRules' in rule) visit(rule.cssRules as CSSRuleList, base);
    }
  };
  const sheet = (one: CSSStyleSheet): void => {
    try {
      visit(one.cssRules, one.href ?? document.baseURI);
    } catch {
      // of another origin
    }
  };
  for (const one of [...document.styleSheets, ...(document.adoptedStyleSheets ?? [])]) sheet(one);
  for (const element of document.querySelectorAll<HTMLElement>('[style*="url("]')) {
    for (const url of urlsOf(element.style, document.baseURI)) add(url, [element]);
  }
  return found;
}

function urlsOf(style: CSSStyleDeclaration, base: string): string[] {
  const values = PROPERTIES.map((name) => style[name]).join(' ');
  if (!values.includes('url(')) return [];
  return [...values.matchAll(URLS)].flatMap(([, double, single, bare]) => {
    const url = double ?? single ?? bare ?? '';
    return URL.canParse(url, base) ? [new URL(url, base).href] : [];
  });
}

/** Nested rules, and what cannot be asked for, are shown by nobody as far as we know. */
function matching(rule: CSSStyleRule): Element[] {
  const selector = rule.selectorText.replace(PARTS, '').replace(STATES, '') || '*';
  try {
    return selector.includes('&') ? [] : [...document.querySelectorAll(selector)];
  } catch {
    return [];
  }
}
