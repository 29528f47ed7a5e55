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
}

/** In order of weight: of a crowd on the time line the first is shown. */
export const MARK_LOOKS: Readonly<Record<MarkKind, KindLook>> = {
  error: { name: 'Error', plural: 'errors', icon: 'error', tone: 'error', lane: 'problems' },
  failed_request: {
    ...{ name: 'Failed request', plural: 'failed requests', icon: 'network-failed' },
    ...{ tone: 'error', lane: 'problems' },
  },
  console_error: {
    ...{ name: 'Console error', plural: 'console errors', icon: 'console' },
    ...{ tone: 'error', lane: 'problems' },
  },
  rage_click: {
    ...{ name: 'Rage click', plural: 'rage clicks', icon: 'rage' },
    ...{ tone: 'warn', lane: 'problems' },
  },
  dead_click: {
    ...{ name: 'Dead click', plural: 'dead clicks', icon: 'dead-click' },
    ...{ tone: 'warn', lane: 'problems' },
  },
  freeze: { name: 'Freeze', plural: 'freezes', icon: 'freeze', tone: 'warn', lane: 'problems' },
  long_task: {
    ...{ name: 'Long task', plural: 'long tasks', icon: 'clock' },
    ...{ tone: 'warn', lane: 'problems' },
  },
  navigation: { name: 'Page', plural: 'pages', icon: 'page', tone: 'page', lane: 'events' },
  event: {
    name: 'Custom event',
    plural: 'custom events',
    icon: 'star',
    tone: 'accent',
    lane: 'events',
  },
  feature_flag: {
    ...{ name: 'Feature flag', plural: 'feature flags', icon: 'flag' },
    ...{ tone: 'page', lane: 'events' },
  },
  web_vital: {
    name: 'Web vital',
    plural: 'web vitals',
    icon: 'gauge',
    tone: 'accent',
    lane: 'events',
  },
  click: { name: 'Click', plural: 'clicks', icon: 'click', tone: 'quiet', lane: 'events' },
  input: { name: 'Input', plural: 'inputs', icon: 'keyboard', tone: 'quiet' },
  visibility: { name: 'Visibility', plural: 'visibility changes', icon: 'eye', tone: 'quiet' },
  storm: { name: 'Many changes', plural: 'storms of changes', icon: 'skip', tone: 'quiet' },
  restraint: { name: 'Restraint', plural: 'restraints', icon: 'skip', tone: 'quiet' },
};

const ORDER = Object.keys(MARK_LOOKS) as MarkKind[];

/** 0 is the heaviest. */
export function weightOf({ kind }: Pick<Mark, 'kind'>): number {
  return ORDER.indexOf(kind);
}
