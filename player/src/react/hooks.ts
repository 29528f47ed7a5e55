import { useEffect, useRef, useState, useSyncExternalStore, type RefObject } from 'react';
import type { Store } from '../engine/store.js';

export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.subscribe, store.getSnapshot, store.getSnapshot);
}

/** Between two renders that follow the clock: at high speeds it runs away from any step. */
const MIN_RENDER_MS = 100;

/**
 * The clock in steps, for views that need not follow every frame.
 * @param stepMs recorded milliseconds between two renders
 */
export function useClock(clock: Store<number>, stepMs: number): number {
  const [time, setTime] = useState(clock.getSnapshot);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let renderedAt = -Infinity;
    const render = (): void => {
      timer = undefined;
      const now = clock.getSnapshot();
      setTime((shown) => (Math.abs(now - shown) >= stepMs ? now : shown));
      renderedAt = performance.now();
    };
    const follow = (): void => {
      timer ??= setTimeout(render, Math.max(0, renderedAt + MIN_RENDER_MS - performance.now()));
    };
    render();
    const end = clock.subscribe(follow);
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [clock, stepMs]);
  return time;
}

/** Calls `draw` with the playhead whenever it moves, without rendering. */
export function useClockEffect(clock: Store<number>, draw: (time: number) => void): void {
  useEffect(() => {
    const run = (): void => draw(clock.getSnapshot());
    run();
    return clock.subscribe(run);
  });
}

/** The newest value, for callbacks that are registered once. */
export function useLatest<T>(value: T): RefObject<T> {
  const ref = useRef(value);
  ref.current = value;
  return ref;
}

/** CSS pixels; 0 until it is known. */
export function useElementWidth(ref: RefObject<HTMLElement | null>): number {
  return useElementSize(ref, 'clientWidth');
}

/** CSS pixels; 0 until it is known. */
export function useElementHeight(ref: RefObject<HTMLElement | null>): number {
  return useElementSize(ref, 'clientHeight');
}

function useElementSize(
  ref: RefObject<HTMLElement | null>,
  side: 'clientWidth' | 'clientHeight',
): number {
  const [size, setSize] = useState(0);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const measure = (): void => setSize(element[side]);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref, side]);
  return size;
}
