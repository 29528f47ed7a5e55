/** Grafana's shared crosshair: other panels' moments come in, the playhead goes out. */
import {
  DashboardCursorSync,
  DataHoverClearEvent,
  DataHoverEvent,
  type EventBus,
} from '@grafana/data';
import { usePanelContext } from '@grafana/ui';
import type { Playback } from '@otel-replay/player';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { throttleTime, type Subscription } from 'rxjs';
import type { CursorMode } from './options';

/** Ten times a second at most: every panel of the dashboard draws it. */
const OUT_INTERVAL_MS = 100;
const IN_INTERVAL_MS = 50;

export interface CrosshairOptions {
  eventBus: EventBus;
  playback: Playback | undefined;
  mode: CursorMode;
  /** Whether the playhead moves the crosshair. */
  share: boolean;
  /** What turns the dashboard's time into that of the recorded browser, milliseconds. */
  shiftMs: number;
}

export interface Crosshair {
  /** Where other panels point, on the browser's clock. */
  hoverTime: number | undefined;
  /** To be told where the pointer is on the time line. */
  onHoverTime: (time: number | undefined) => void;
}

export function useCrosshair(options: CrosshairOptions): Crosshair {
  const { eventBus, playback, mode, share, shiftMs } = options;
  const { sync } = usePanelContext();
  const isShared = share && sync?.() !== DashboardCursorSync.Off;
  const hoverTime = useIncoming(eventBus, playback, mode, shiftMs);
  const sender = useMemo(() => new CrosshairSender(eventBus, shiftMs), [eventBus, shiftMs]);
  useEffect(() => {
    if (playback === undefined || !isShared) {
      return undefined;
    }
    const isPlaying = () => playback.state.getSnapshot().status === 'playing';
    const stopClock = playback.clock.subscribe(() => {
      if (isPlaying()) {
        sender.send(playback.clock.getSnapshot());
      }
    });
    const stopState = playback.state.subscribe(() => {
      if (!isPlaying()) {
        sender.clear();
      }
    });
    return () => {
      stopClock();
      stopState();
      sender.clear();
    };
  }, [playback, isShared, sender]);
  const onHoverTime = useCallback(
    (time: number | undefined) => {
      if (!isShared) {
        return;
      }
      if (time === undefined) {
        sender.clear();
      } else {
        sender.send(time);
      }
    },
    [isShared, sender],
  );
  return { hoverTime, onHoverTime };
}

class CrosshairSender {
  readonly #eventBus: EventBus;
  readonly #shiftMs: number;
  #sentAt = -Infinity;
  #isShown = false;

  constructor(eventBus: EventBus, shiftMs: number) {
    this.#eventBus = eventBus;
    this.#shiftMs = shiftMs;
  }

  send(time: number): void {
    const now = performance.now();
    if (now - this.#sentAt < OUT_INTERVAL_MS) {
      return;
    }
    this.#sentAt = now;
    this.#isShown = true;
    this.#eventBus.publish(new DataHoverEvent({ point: { time: time - this.#shiftMs } }));
  }

  clear(): void {
    if (this.#isShown) {
      this.#isShown = false;
      this.#eventBus.publish(new DataHoverClearEvent());
    }
  }
}

function useIncoming(
  eventBus: EventBus,
  playback: Playback | undefined,
  mode: CursorMode,
  shiftMs: number,
): number | undefined {
  const [hoverTime, setHoverTime] = useState<number>();
  useEffect(() => {
    if (mode === 'off') {
      return undefined;
    }
    const subscriptions: Subscription[] = [
      eventBus
        .getStream(DataHoverEvent)
        .pipe(throttleTime(IN_INTERVAL_MS, undefined, { leading: true, trailing: true }))
        .subscribe((event) => {
          const time = Number(event.payload.point?.['time'] ?? Number.NaN) + shiftMs;
          // Our own come back to us.
          if (event.origin === eventBus || !Number.isFinite(time)) {
            return;
          }
          setHoverTime(time);
          if (mode === 'seek' && playback !== undefined && isHeld(playback)) {
            void playback.seek(time);
          }
        }),
      eventBus.getStream(DataHoverClearEvent).subscribe((event) => {
        if (event.origin !== eventBus) {
          setHoverTime(undefined);
        }
      }),
    ];
    return () => {
      subscriptions.forEach((subscription) => subscription.unsubscribe());
      setHoverTime(undefined);
    };
  }, [eventBus, playback, mode, shiftMs]);
  return hoverTime;
}

/** Nobody is watching it move: a pointer elsewhere may. */
function isHeld({ state }: Playback): boolean {
  const { status, wantsToPlay } = state.getSnapshot();
  return !wantsToPlay && (status === 'paused' || status === 'ended');
}
