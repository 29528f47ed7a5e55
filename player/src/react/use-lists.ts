/** Whether the lists are shown: where there is room for them, unless who watches said otherwise. */
import { useCallback, useMemo, useState, type CSSProperties, type RefObject } from 'react';
import { useElementHeight } from './hooks.js';
import type { ReplayPlayerProps } from './player-props.js';

/** Of the player, CSS pixels: below it the picture needs all there is. */
const LOW_PX = 360;
const VERY_LOW_PX = 250;

export interface Lists {
  exist: boolean;
  isOpen: boolean;
  show: () => void;
  toggle: () => void;
  /** How little height there is. */
  low: 'low' | 'very' | undefined;
  /** What style sheets know of it. */
  style: CSSProperties;
}

export function useLists(
  wanted: NonNullable<ReplayPlayerProps['lists']>,
  player: RefObject<HTMLElement | null>,
): Lists {
  const height = useElementHeight(player);
  const [chosen, setChosen] = useState<boolean>();
  const exist = wanted !== 'none';
  const isLow = height > 0 && height < LOW_PX;
  const isOpen = exist && (chosen ?? (wanted === 'auto' && !isLow));
  const style = useMemo(
    () => (height === 0 ? {} : ({ '--replay-height': `${height}px` } as CSSProperties)),
    [height],
  );
  return {
    exist,
    isOpen,
    show: useCallback(() => setChosen(true), []),
    toggle: useCallback(() => setChosen(!isOpen), [isOpen]),
    low: !isLow ? undefined : height < VERY_LOW_PX ? 'very' : 'low',
    style,
  };
}
