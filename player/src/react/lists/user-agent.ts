/** Which browser and system a `User-Agent` names; browsers say little that is true beyond that. */

/** In this order: most browsers claim to be those below them as well. */
const BROWSERS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\/([\d.]+)/],
  ['Opera', /\bOPR\/([\d.]+)/],
  ['Samsung Internet', /\bSamsungBrowser\/([\d.]+)/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/([\d.]+)/],
  ['Headless Chrome', /\bHeadlessChrome\/([\d.]+)/],
  ['Chrome', /\b(?:Chrome|CriOS)\/([\d.]+)/],
  ['Safari', /\bVersion\/([\d.]+).*\bSafari\//],
];

const SYSTEMS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['iOS', /\b(?:iPhone|iPad|iPod).*? OS ([\d_]+)/],
  ['Android', /\bAndroid(?: ([\d.]+))?/],
  ['Windows 10 or 11', /\bWindows NT 10/],
  ['Windows', /\bWindows/],
  ['macOS', /\bMacintosh\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['Linux', /\bLinux\b/],
];

export function softwareOf(userAgent: string): {
  browser: string | undefined;
  system: string | undefined;
} {
  const text = userAgent.slice(0, 500);
  const browser = first(BROWSERS, text);
  const system = first(SYSTEMS, text);
  return {
    browser: browser && named(browser.name, browser.version.split('.')[0]),
    system: system && named(system.name, system.version.replaceAll('_', '.')),
  };
}

function first(
  known: typeof BROWSERS,
  text: string,
): { name: string; version: string } | undefined {
  for (const [name, pattern] of known) {
    const match = pattern.exec(text);
    if (match !== null) return { name, version: match[1] ?? '' };
  }
  return undefined;
}

function named(name: string, version = ''): string {
  return version === '' ? name : `${name} ${version}`;
}
