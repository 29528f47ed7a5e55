/** When a kept session ends of which two instances, that share store and index, see a part each. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sessionKey, type SessionSummary } from '@otel-replay/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  ERROR,
  expectBalanced,
  TestClock,
  useWorlds,
  type World,
} from '../../test/pipeline-world.js';
import { sharedIndex } from '../../test/shared-index.js';
import { CoordinationUnavailableError, type Coordinator } from '../coordinate/index.js';
import { createMemoryHub, type MemoryHub } from '../coordinate/memory.js';
import type { SessionIndex } from '../index/index.js';
import { createSqliteIndex } from '../index/sqlite.js';
import { statusCode } from '../session/policies/index.js';
import { createFilesystemStore } from '../store/filesystem.js';
import type { Store } from '../store/index.js';

type State = SessionSummary['state'];

describe('the end of a session that two instances see', () => {
  // Before the worlds': hooks run backwards, and they still need it to stop.
  afterEach(async () => {
    await index.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const worlds = useWorlds();
  let directory: string;
  let index: SessionIndex;
  let clock: TestClock;
  let hub: MemoryHub;
  /** Instances that the coordination store is away from. */
  let away: Set<'a' | 'b'>;
  let written: State[];
  /** Stands between the instance `a` and the store. */
  let beforePut: (state: State) => Promise<void>;
  let a: World;
  let b: World;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'shared-'));
    index = createSqliteIndex({ file: join(directory, 'index.sqlite'), commitIntervalMs: 1 });
    await index.start();
    await index.rebuild(() => Promise.resolve());
    clock = new TestClock();
    hub = createMemoryHub({ clock });
    away = new Set();
    written = [];
    beforePut = () => Promise.resolve();
    a = await open('a');
    b = await open('b');
  });

  const open = (name: 'a' | 'b'): Promise<World> =>
    worlds.open({
      ...{ clock, policies: [statusCode('errors')], index: sharedIndex(index) },
      session: { recordForMs: 3_000_000 },
      coordinator: reachable(name, hub.connect()),
      wrapStore: () => watched(name, sharedStore()),
    });
  const sharedStore = (): Store => createFilesystemStore({ directory: join(directory, 'store') });
  function reachable(name: 'a' | 'b', coordinator: Coordinator): Coordinator {
    for (const method of ['seen', 'end', 'decisions'] as const) {
      const call = coordinator[method].bind(coordinator) as (...args: unknown[]) => unknown;
      const unlessAway = (...args: unknown[]): unknown =>
        away.has(name) ? Promise.reject(new CoordinationUnavailableError('away')) : call(...args);
      Object.assign(coordinator, { [method]: unlessAway });
    }
    return coordinator;
  }
  function watched(name: 'a' | 'b', store: Store): Store {
    const put = store.put.bind(store);
    store.put = async (key, bytes, options) => {
      if (key === sessionKey('session-1')) {
        const { state } = JSON.parse(new TextDecoder().decode(bytes)) as SessionSummary;
        if (name === 'a') await beforePut(state);
        written.push(state);
      }
      await put(key, bytes, options);
    };
    return store;
  }
  /** Moves the time; of what hangs nobody waits for. */
  const tick = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 1000) {
      clock.time += 1000;
      await Promise.all([a.pipeline.tick(), b.pipeline.tick()]);
    }
  };
  const settled = (): Promise<unknown> => Promise.all([a.settled(), b.settled()]);
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 1000) {
      await tick(1000);
      await settled();
    }
  };
  /** Kept, with a segment at each. */
  const begin = async (): Promise<void> => {
    await a.send({ segments: [{ index: 0 }] });
    await b.send({ segments: [{ index: 1 }] });
    await a.send({ signals: [{ ...ERROR, sessionId: 'session-1' }] });
    await pass(2000);
    expect(await state()).toBe('active');
  };
  const send = (world: World, index: number): Promise<void> =>
    world.send({ segments: [{ index }] });
  /** As `session.json` says. */
  const summary = async (): Promise<SessionSummary> => {
    const bytes = await sharedStore().get(sessionKey('session-1'));
    return JSON.parse(new TextDecoder().decode(bytes)) as SessionSummary;
  };
  const state = async (): Promise<State> => (await summary()).state;
  const seenAt = async (world: World): Promise<unknown> => {
    const view = await world.pipeline.reader.live('session-1');
    return view.found ? view.value.state : view.reason;
  };
  const states = async (): Promise<unknown[]> => [await state(), await seenAt(a), await seenAt(b)];

  it('is when both are idle, and is told by nobody before', async () => {
    await begin();
    for (let index = 2; index < 20; index++) {
      await send(b, index);
      await pass(10_000);
      expect(await states()).toEqual(['active', 'active', 'active']);
    }
    expect(written).not.toContain('ended');
    await pass(60_000);
    expect(await states()).toEqual(['ended', 'ended', 'ended']);
    expect((await summary()).lastReceived).toBe(clock.time - 70_000);
    for (const world of [a, b]) expectBalanced(world);
  });

  it('is not told by an instance that was started again and sees nothing of it', async () => {
    await begin();
    await a.pipeline.stop();
    a = await open('a');
    for (let index = 2; index < 10; index++) {
      await send(b, index);
      await pass(20_000);
    }
    expect(written).not.toContain('ended');
    await pass(60_000);
    expect(await states()).toEqual(['ended', 'ended', 'ended']);
  });

  it('is taken back when segments come again, to whomever, and told again', async () => {
    await begin();
    await pass(70_000);
    expect(await states()).toEqual(['ended', 'ended', 'ended']);
    for (const [world, index] of [
      [b, 2],
      [a, 3],
    ] as const) {
      await send(world, index);
      await pass(10_000);
      expect(await states()).toEqual(['active', 'active', 'active']);
    }
    await pass(70_000);
    expect(await states()).toEqual(['ended', 'ended', 'ended']);
  });

  it('is taken back when a segment came while it was on its way to the store', async () => {
    await begin();
    let letGo = (): void => undefined;
    const gate = new Promise<void>((resolve) => (letGo = resolve));
    let isOnItsWay = false;
    beforePut = (next) => {
      isOnItsWay ||= next === 'ended';
      return next === 'ended' ? gate : Promise.resolve();
    };
    while (!isOnItsWay) {
      await tick(1000);
      await b.settled();
    }
    await send(b, 2);
    await tick(6000);
    await b.settled();
    expect(written.at(-1)).toBe('active');
    letGo();
    await settled();
    expect(written.slice(-2)).toEqual(['ended', 'active']);
    expect(await states()).toEqual(['active', 'active', 'active']);
    await pass(70_000);
    expect(await states()).toEqual(['ended', 'ended', 'ended']);
  });

  it('is taken back by an instance that could not tell what it saw', async () => {
    await begin();
    away.add('b');
    for (let index = 2; index < 6; index++) {
      await send(b, index);
      await pass(20_000);
    }
    expect(await state()).toBe('ended');
    away.clear();
    await pass(6000);
    expect(await states()).toEqual(['active', 'active', 'active']);
    await pass(70_000);
    expect(await states()).toEqual(['ended', 'ended', 'ended']);
  });

  it('waits while nobody can be asked', async () => {
    await begin();
    away = new Set(['a', 'b']);
    await pass(200_000);
    expect(await states()).toEqual(['active', 'active', 'active']);
    away.clear();
    await pass(2000);
    expect(await states()).toEqual(['ended', 'ended', 'ended']);
  });
});
