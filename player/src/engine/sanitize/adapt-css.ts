/**
 * CSS of a recording, so that it looks as it did for the person recorded: their colour scheme instead
 * of the viewer's, and what they pointed at, pressed and focused although nobody does so here.
 */
import { RECORDED_MEDIA } from '@otel-replay/protocol';

/** Set by the player on what has the focus; of the same weight in a selector as the state. */
export const STATE_ATTRIBUTE = {
  focus: 'data-replay-focus',
  'focus-visible': 'data-replay-focus-visible',
  'focus-within': 'data-replay-focus-within',
  active: 'data-replay-active',
} as const;

const NOT = /:not\([^()]*\)/g;
const HOVER = /(?<!\\):hover(?![-\w])/g;
/** Such fields are text fields here, so that no password manager fills them. */
const PASSWORD = /\[\s*type\s*=\s*(["']?)password\1\s*i?\s*\]/gi;
const STATES = /(?<!\\):(focus-visible|focus-within|focus|active)(?![-\w(])/g;
/** Only what made an element can give it one; the recorder tells which it has. */
const CUSTOM_STATE = /(?<!\\):state\(\s*([-\w\u00a0-\uffff]+)\s*\)/g;
const FEATURE =
  /\(\s*(prefers-color-scheme|prefers-reduced-motion|any-hover|hover|any-pointer|pointer)\s*(?::\s*([-\w]+)\s*)?\)/gi;
const BOTH_SCHEMES =
  /(color-scheme\s*:\s*)(?:only\s+)?(?:light\s+dark|dark\s+light)(?=\s*(?:[;}!]|$))/gi;
const ALWAYS = '(min-width:0px)';
const NEVER = '(max-width:0px)';
const STRING = /"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?/g;

/** Which of {@link RECORDED_MEDIA} were true; undefined where the recording does not say. */
export type RecordedMedia = ReadonlySet<string> | undefined;

/** From the Meta event of a checkpoint, which may be anyone's. */
export function recordedMedia(value: unknown): RecordedMedia {
  if (!Array.isArray(value)) return undefined;
  return new Set(RECORDED_MEDIA.filter((query) => value.includes(query)));
}

/** Of text that rrweb makes hoverable itself. */
export function adaptCss(css: string, media: RecordedMedia): string {
  const stated = css.replace(STATES, (state, name: keyof typeof STATE_ATTRIBUTE) => {
    return `:is(${state},[${STATE_ATTRIBUTE[name]}])`;
  });
  const custom = stated.replace(CUSTOM_STATE, (state, name: string) => {
    return `:is(${state},[data-replay-state~="${name}"])`;
  });
  // rrweb adds a selector with its class beside the one at hand, which always holds: nobody points.
  // The class is spelt so that it does not find it.
  const denied = custom.replace(NOT, (all) => all.replace(HOVER, '.\\3a hover'));
  const fields = denied.replace(PASSWORD, '[data-replay-dots]');
  return media === undefined ? fields : adaptMedia(fields, media);
}

/**
 * rrweb turns `:hover` into a class in style sheets it rebuilds, but not in rules that arrive later
 * (`insertRule`, `adoptedStyleSheets`); this does the same for those.
 */
export function adaptLateRule(rule: string, media: RecordedMedia): string {
  const adapted = adaptCss(rule, media);
  if (!adapted.includes(':hover') || holdsBraces(adapted)) return adapted;
  return adapted.replace(/(^|[{};])([^{};]*)(?=\{)/g, (all, before: string, selectors: string) => {
    if (selectors.trimStart().startsWith('@')) return all;
    return before + selectors.replace(HOVER, '.\\:hover');
  });
}

/** Braces in strings would be taken for those of rules. */
function holdsBraces(css: string): boolean {
  return (css.match(STRING) ?? []).some((text) => /[{};]/.test(text));
}

/** Media queries as they were answered where it was recorded; also of `media` attributes. */
export function adaptMedia(css: string, media: RecordedMedia): string {
  if (media === undefined) return css;
  const scheme = media.has('(prefers-color-scheme: dark)') ? 'dark' : 'light';
  return css
    .replace(FEATURE, (query, name: string, value?: string) => {
      const holds = answer(name.toLowerCase().replace('any-', ''), value?.toLowerCase(), media);
      return holds === undefined ? query : holds ? ALWAYS : NEVER;
    })
    .replace(BOTH_SCHEMES, `$1only ${scheme}`);
}

function answer(
  name: string,
  value: string | undefined,
  media: ReadonlySet<string>,
): boolean | undefined {
  const isTrue = (query: (typeof RECORDED_MEDIA)[number]): boolean => media.has(query);
  if (name === 'prefers-color-scheme') {
    if (value === undefined) return true;
    return value === (isTrue('(prefers-color-scheme: dark)') ? 'dark' : 'light');
  }
  if (name === 'prefers-reduced-motion') {
    return (value !== 'no-preference') === isTrue('(prefers-reduced-motion: reduce)');
  }
  const coarse = isTrue('(pointer: coarse)');
  // Who touches does not point at anything.
  if (name === 'hover') return (value !== 'none') === !coarse;
  if (value === 'coarse') return coarse;
  return value === 'fine' ? !coarse : value === undefined;
}
