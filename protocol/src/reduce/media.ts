/** Media that play go on by themselves: what was recorded of their position is moved to a later time. */
import { attributesOf } from './attributes.js';
import { tagOf, type Fields } from './rrweb.js';
import type { TreeNode } from './tree-node.js';

/** `data.type` of media events. */
const PLAY = 0;
const PAUSE = 1;

interface Interaction {
  data: Fields;
  time: number;
}

export class MediaStates {
  /** By node, then by kind: whether it plays is one thing, its volume another. */
  readonly #states = new Map<number, Map<number, Interaction>>();

  apply(id: number, data: Fields, time: number): void {
    const { type } = data;
    if (typeof type !== 'number') return;
    const own = this.#states.get(id) ?? new Map<number, Interaction>();
    this.#states.set(id, own);
    const kind = type === PAUSE ? PLAY : type;
    own.delete(kind);
    // There are five kinds.
    if (own.size < 8) own.set(kind, { data, time });
  }

  forget(id: number): void {
    this.#states.delete(id);
  }

  /** Data of the events that lead to the state of `now`. */
  *events(now: number): Generator<Fields> {
    for (const own of this.#states.values()) {
      const plays = own.get(PLAY)?.data['type'] === PLAY;
      for (const { data, time } of own.values()) {
        const { currentTime } = data;
        const isKnown = typeof currentTime === 'number';
        const moved = plays && isKnown ? currentTime + played(data['playbackRate'], time, now) : 0;
        yield plays && isKnown ? { ...data, currentTime: moved } : data;
      }
    }
  }
}

/** Attributes of a medium that played when it was serialized, and has played on. */
export function playedOn(node: TreeNode, now: number): Map<string, unknown> {
  const attributes = attributesOf(node);
  const at = attributes.get('rr_mediaCurrentTime');
  const plays = attributes.get('rr_mediaState') === 'played' && typeof at === 'number';
  if (!plays || !/^(audio|video)$/.test(tagOf(node.data))) return attributes;
  const moved = at + played(attributes.get('rr_mediaPlaybackRate'), node.since, now);
  return new Map(attributes).set('rr_mediaCurrentTime', moved);
}

/** Seconds of the medium. */
function played(rate: unknown, from: number, to: number): number {
  return (Math.max(0, to - from) / 1000) * (typeof rate === 'number' && rate > 0 ? rate : 1);
}
