/** What a dashboard stores of the panel. Changing a name breaks dashboards: see {@link migrateOptions}. */
import type { MaskingRules, PlayerTab } from './player-types';

export type CursorMode = 'marker' | 'seek' | 'off';

export interface PanelOptions {
  /** Uid of a Session Replay data source; empty for the query's, else the default one. */
  dataSourceUid: string;
  /** May hold variables; one that does not exist is as if nothing stood there. */
  sessionId: string;
  traceId: string;
  spanId: string;
  /** Recorded time before the span, in seconds. */
  leadInSeconds: number;
  /** Whether the lists stand beside the picture. */
  lists: boolean;
  firstTab: PlayerTab;
  /** What the crosshair of other panels does here. */
  cursor: CursorMode;
  /** Whether the playhead is the crosshair of other panels. */
  shareCursor: boolean;
  /** Hosts that the viewer's browser may ask for pictures, fonts and style sheets of recorded pages. */
  allowHosts: string[];
  maskAllText: boolean;
  /** CSS selectors of what is hidden though it was recorded. */
  maskSelectors: string[];
  /** Texts that are hidden wherever they stand. */
  maskTexts: string[];
}

export const DEFAULTS: PanelOptions = {
  dataSourceUid: '',
  sessionId: '${sessionId}',
  traceId: '${traceId}',
  spanId: '${spanId}',
  leadInSeconds: 2,
  lists: true,
  firstTab: 'spans',
  cursor: 'marker',
  shareCursor: true,
  allowHosts: [],
  maskAllText: false,
  maskSelectors: [],
  maskTexts: [],
};

const CHOICES: { [K in keyof PanelOptions]?: ReadonlyArray<PanelOptions[K]> } = {
  firstTab: ['spans', 'network', 'console', 'errors', 'events', 'details'],
  cursor: ['marker', 'seek', 'off'],
};

/** Whatever was stored, by hand or by another version: what does not fit becomes the default. */
export function migrateOptions(stored: unknown): PanelOptions {
  const given = Object(stored) as Record<string, unknown>;
  const entries = Object.entries(DEFAULTS).map(([name, fallback]) => [
    name,
    fitting(given[name], fallback, CHOICES[name as keyof PanelOptions]),
  ]);
  return Object.fromEntries(entries) as PanelOptions;
}

function fitting(value: unknown, fallback: unknown, choices?: readonly unknown[]): unknown {
  if (Array.isArray(fallback)) {
    // Provisioned by hand, one alone is easily written without brackets.
    const list = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
    return list
      .filter((item): item is string => typeof item === 'string')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }
  if (typeof fallback === 'number') {
    const isSane = typeof value === 'number' && value >= 0 && value <= 3600;
    return isSane ? value : fallback;
  }
  const fits = typeof value === typeof fallback && (choices?.includes(value) ?? true);
  return fits ? value : fallback;
}

/** Rules for the player; undefined when nothing more is to be hidden. */
export function maskingOf(options: PanelOptions): MaskingRules | undefined {
  const { maskAllText, maskSelectors, maskTexts } = options;
  if (!maskAllText && maskSelectors.length === 0 && maskTexts.length === 0) {
    return undefined;
  }
  return { maskAllText, selectors: maskSelectors, text: maskTexts };
}
