/** How each kind of moment is called and drawn. Never by colour alone: every kind has its shape. */
import type { Mark, MarkKind } from '../engine/timeline/marks.js';
import type { IconName } from './icons.js';

export interface KindLook {
  name: string;
  plural: string;
  icon: IconName;
  tone: 'error' | 'warn' | 'page' | 'accent' | 'quiet';
  /** Lane of the time line; undefined for what only lists tell. */
  lane?: 'problems' | 'events';
  /** What is meant, for who sees the shape for the first time. */
  meaning: string;
}

/** In order of weight: of a crowd on the time line the first is shown. */
export const MARK_LOOKS: Readonly<Record<MarkKind, KindLook>> = {
  error: {
    ...{ name: 'Error', plural: 'errors', icon: 'error' },
    ...{ tone: 'error', lane: 'problems' },
    meaning: 'An exception of the page, or a span that failed',
  },
  failed_request: {
    ...{ name: 'Failed request', plural: 'failed requests', icon: 'network-failed' },
    ...{ tone: 'error', lane: 'problems' },
    meaning: 'No answer, or 5xx',
  },
  console_error: {
    ...{ name: 'Console error', plural: 'console errors', icon: 'console' },
    ...{ tone: 'error', lane: 'problems' },
    meaning: 'console.error was called',
  },
  rage_click: {
    ...{ name: 'Rage click', plural: 'rage clicks', icon: 'rage' },
    ...{ tone: 'warn', lane: 'problems' },
    meaning: 'Several clicks at one place in a row',
  },
  dead_click: {
    ...{ name: 'Dead click', plural: 'dead clicks', icon: 'dead-click' },
    ...{ tone: 'warn', lane: 'problems' },
    meaning: 'A click after which nothing happened',
  },
  freeze: {
    ...{ name: 'Freeze', plural: 'freezes', icon: 'freeze' },
    ...{ tone: 'warn', lane: 'problems' },
    meaning: 'The page did not answer for seconds',
  },
  long_task: {
    ...{ name: 'Long task', plural: 'long tasks', icon: 'clock' },
    ...{ tone: 'warn', lane: 'problems' },
    meaning: 'A script kept the page busy',
  },
  navigation: {
    ...{ name: 'Page', plural: 'pages', icon: 'page' },
    ...{ tone: 'page', lane: 'events' },
    meaning: 'Another page, or another address',
  },
  event: {
    ...{ name: 'Custom event', plural: 'custom events', icon: 'star' },
    ...{ tone: 'accent', lane: 'events' },
    meaning: 'Said by the page’s own code',
  },
  feature_flag: {
    ...{ name: 'Feature flag', plural: 'feature flags', icon: 'flag' },
    ...{ tone: 'page', lane: 'events' },
    meaning: 'A flag was evaluated',
  },
  web_vital: {
    ...{ name: 'Web vital', plural: 'web vitals', icon: 'gauge' },
    ...{ tone: 'accent', lane: 'events' },
    meaning: 'How fast the page was',
  },
  click: {
    ...{ name: 'Click', plural: 'clicks', icon: 'click' },
    ...{ tone: 'quiet', lane: 'events' },
    meaning: 'Click or tap',
  },
  input: {
    ...{ name: 'Input', plural: 'inputs', icon: 'keyboard' },
    ...{ tone: 'quiet' },
    meaning: 'Something was typed or chosen',
  },
  visibility: {
    ...{ name: 'Visibility', plural: 'visibility changes', icon: 'eye' },
    ...{ tone: 'quiet' },
    meaning: 'The tab was shown or hidden',
  },
  storm: {
    ...{ name: 'Many changes', plural: 'storms of changes', icon: 'skip' },
    ...{ tone: 'quiet' },
    meaning: 'More changes than are recorded one by one',
  },
  restraint: {
    ...{ name: 'Restraint', plural: 'restraints', icon: 'skip' },
    ...{ tone: 'quiet' },
    meaning: 'The recorder took less, to spare the page',
  },
};

const ORDER = Object.keys(MARK_LOOKS) as MarkKind[];

/** 0 is the heaviest. */
export function weightOf({ kind }: Pick<Mark, 'kind'>): number {
  return ORDER.indexOf(kind);
}
