/**
 * Folds the events of one recording into what the page looks like, as data, without a browser. At any
 * moment it can tell of it by events: a checkpoint from which playback can go on.
 */
import type { ReplayEvent } from '../segment.js';
import { Mutations } from './mutation.js';
import { NodeTree, type TreeLimits } from './node-tree.js';
import { Residue } from './residue.js';
import { EVENT_TYPE, fieldsOf, NODE, SOURCE, type Fields } from './rrweb.js';
import { serializeTree } from './serialize.js';

export interface ReducerOptions {
  /** Nodes of the page and its frames; default 500,000. What is more is a miss. */
  maxNodes?: number;
}

export interface Reducer {
  /**
   * Takes the next event, in order of time; never throws. Keeps parts of it: what is given must not be
   * changed afterwards.
   */
  apply(event: ReplayEvent): void;
  /**
   * The page as it is now, as events of that time (Unix milliseconds): Meta, FullSnapshot, and what
   * neither can hold. Undefined before the first full snapshot. The tree is a copy; events that were
   * taken over as they came share their values with them.
   */
  snapshotAt(time: number): ReplayEvent[] | undefined;
  /** Changes that could not be made: of nodes that are not known, or beyond a limit. */
  readonly misses: number;
  /** Nodes there are. */
  readonly size: number;
}

const DEFAULT_META: Fields = { href: '', width: 1024, height: 768 };

export function createReducer(options: ReducerOptions = {}): Reducer {
  return new EventReducer({ maxNodes: options.maxNodes ?? 500_000 });
}

class EventReducer implements Reducer {
  readonly #limits: TreeLimits;
  #misses = 0;
  #meta: Fields = DEFAULT_META;
  #offset: Fields = { top: 0, left: 0 };
  #tree!: NodeTree;
  #residue!: Residue;
  #mutations!: Mutations;

  constructor(limits: TreeLimits) {
    this.#limits = limits;
    this.#reset();
  }

  get misses(): number {
    return this.#misses;
  }

  get size(): number {
    return this.#tree.size;
  }

  apply({ type, timestamp, data }: ReplayEvent): void {
    const fields = fieldsOf(data);
    if (type === EVENT_TYPE.META) this.#resize({ ...this.#meta, ...fields });
    else if (type === EVENT_TYPE.FULL_SNAPSHOT) this.#begin(fields, timestamp);
    else if (type === EVENT_TYPE.INCREMENTAL) {
      if (fields === undefined || this.#tree.root === undefined) this.#miss();
      else this.#change(fields, timestamp);
    }
  }

  snapshotAt(time: number): ReplayEvent[] | undefined {
    const { root } = this.#tree;
    if (root === undefined) return undefined;
    const tree = serializeTree(root, time, () => this.#miss());
    const events: ReplayEvent[] = [
      { type: EVENT_TYPE.META, timestamp: time, data: { ...this.#meta } },
      {
        type: EVENT_TYPE.FULL_SNAPSHOT,
        timestamp: time,
        data: { node: tree.root, initialOffset: { ...this.#offset } },
      },
    ];
    for (const data of this.#residue.events(time, tree.frames)) {
      events.push({ type: EVENT_TYPE.INCREMENTAL, timestamp: time, data: { ...data } });
    }
    return events;
  }

  #begin(data: Fields | undefined, time: number): void {
    const node = fieldsOf(data?.['node']);
    if (node === undefined || node['type'] !== NODE.DOCUMENT) return this.#miss();
    this.#reset();
    this.#offset = fieldsOf(data?.['initialOffset']) ?? { top: 0, left: 0 };
    this.#tree.root = this.#tree.create(node, time, true);
    if (this.#tree.root === undefined) this.#miss();
  }

  #change(data: Fields, time: number): void {
    const { source } = data;
    if (source === SOURCE.MUTATION) this.#mutations.apply(data, time);
    else if (source === SOURCE.VIEWPORT_RESIZE) this.#resize({ ...this.#meta, ...sizeOf(data) });
    else this.#residue.apply(data, time);
  }

  #resize(meta: Fields): void {
    this.#meta = meta;
  }

  #reset(): void {
    const onMiss = (): void => this.#miss();
    const tree: NodeTree = new NodeTree(this.#limits, (id) => residue.forget(id), onMiss);
    const residue = new Residue(tree, onMiss);
    this.#tree = tree;
    this.#residue = residue;
    const onNewText = (id: number): void => residue.forgetRules(id);
    const onMoved = (id: number): void => residue.moved(id);
    this.#mutations = new Mutations({ tree, onMiss, onNewText, onMoved });
  }

  #miss(): void {
    this.#misses++;
  }
}

function sizeOf({ width, height }: Fields): Fields {
  return typeof width === 'number' && typeof height === 'number' ? { width, height } : {};
}
