/** Brings what a live stream tells into the open session and its state. */
import type { LiveEvent } from '@otel-replay/protocol';
import type { ReplaySource } from '../client/source.js';
import { cursorOf } from '../plan/grow-session.js';
import type { SessionModel } from '../playback/session-model.js';
import type { PlaybackState } from '../playback/state.js';
import type { Store } from '../store.js';
import { followSession, type LiveFeedStatus } from './live-feed.js';

export interface LiveUpdatesOptions {
  source: ReplaySource;
  model: SessionModel;
  state: Store<PlaybackState>;
  signal: AbortSignal;
  loadSpans: () => Promise<void>;
  /** There is more to play, or there will be no more. */
  onChanged: () => void;
}

/** All spans come at once: not with every request that brings some. */
const SPANS_INTERVAL_MS = 5000;

/** Follows the session until it is over or `signal` is aborted. */
export function startLiveUpdates(options: LiveUpdatesOptions): void {
  const { source, model, signal } = options;
  if (source.live === undefined || model.session.state !== 'active') return;
  const updates = new LiveUpdates(options);
  options.state.update({ live: 'on' });
  void followSession(
    {
      source,
      sessionId: model.session.sessionId,
      cursor: () => cursorOf(model.session),
      onEvent: (event) => updates.take(event),
      onStatus: (status) => updates.setStatus(status),
    },
    signal,
  );
}

class LiveUpdates {
  readonly #o: LiveUpdatesOptions;
  #spansTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: LiveUpdatesOptions) {
    this.#o = options;
  }

  setStatus(status: LiveFeedStatus): void {
    const { model, onChanged, state } = this.#o;
    if (status === 'over') model.update({ state: 'ended' });
    const isOver = model.session.state === 'ended';
    state.update({
      session: model.session,
      live: isOver ? 'ended' : status === 'open' ? 'on' : 'interrupted',
    });
    if (isOver) onChanged();
  }

  take(event: LiveEvent): void {
    const { model } = this.#o;
    switch (event.type) {
      case 'segments':
        if (!model.grow(event.data)) return;
        this.#publish();
        this.#o.onChanged();
        return;
      case 'signals':
        model.addSignals(event.data.signals);
        return this.#publish();
      case 'decision':
        model.update({ decision: event.data });
        return this.#publish();
      case 'state':
        return this.#setState('active');
      case 'ended':
        return this.#setState('ended');
      case 'spans':
        return this.#loadSpansSoon();
      case 'gone': // the feed tells that it is over
    }
  }

  #setState(now: 'active' | 'ended'): void {
    const { model, onChanged, state } = this.#o;
    model.update({ state: now });
    state.update({ session: model.session, live: now === 'ended' ? 'ended' : 'on' });
    onChanged();
  }

  #publish(): void {
    const { session, plan, happenings } = this.#o.model;
    const { from, to, holes } = plan;
    this.#o.state.update({ session, from, to, holes, ...happenings });
  }

  #loadSpansSoon(): void {
    const { loadSpans, signal } = this.#o;
    if (this.#spansTimer !== undefined) return;
    this.#spansTimer = setTimeout(() => {
      this.#spansTimer = undefined;
      if (!signal.aborted) void loadSpans();
    }, SPANS_INTERVAL_MS);
  }
}
