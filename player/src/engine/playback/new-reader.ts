/** The reader of what is not played, for a session that is on a scene. */
import type { Store } from '../store.js';
import { SessionReader } from '../timeline/session-reader.js';
import type { Scene } from './scene.js';
import type { SessionModel } from './session-model.js';
import type { PlaybackState } from './state.js';

/** Reads until `signal` ends it, and tells the state how far it is. */
export function newReader(o: {
  model: SessionModel;
  scene: Scene;
  state: Store<PlaybackState>;
  /** Unix milliseconds. */
  playhead: () => number;
  signal: AbortSignal;
}): SessionReader {
  const { model, scene, state, playhead, signal } = o;
  const reader = new SessionReader({
    ...{ model, playhead, loader: scene.loader! },
    newNames: () => scene.newNames(),
    isBusy: () => state.getSnapshot().status === 'loading',
    onRead: (reading) => state.update({ ...model.happenings, reading }),
  });
  signal.addEventListener('abort', () => reader.stop());
  return reader;
}
