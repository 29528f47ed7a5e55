/** Several tabs of one browser, on a simulated clock: who is in which session, and who is recorded. */
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Guard } from '../guard.js';
import type { SessionOptions } from './options.js';
import { createSessionTracker, type SessionTracker } from './tracker.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let now = 0;

/** What listens, and the events that get there. */
class Target {
  readonly #listeners: [string, (event: unknown) => void][] = [];
  addEventListener(type: string, listener: (event: unknown) => void): void {
    this.#listeners.push([type, listener]);
  }
  removeEventListener(type: string, listener: (event: unknown) => void): void {
    const at = this.#listeners.findIndex(([t, l]) => t === type && l === listener);
    if (at >= 0) this.#listeners.splice(at, 1);
  }
  dispatch(type: string, event: object = {}): void {
    for (const [name, listener] of [...this.#listeners]) {
      if (name === type) listener({ type, isTrusted: true, ...event });
    }
  }
}

interface Tab {
  window: Target;
  document: Target & { visibilityState: string };
  loadType: string;
  tracker: SessionTracker;
  frozen: boolean;
  /** Storage events that wait for the tab to thaw. */
  missed: number;
  /** When the user was last seen, at the latest: a page that loads itself anew inherits it. */
  touchedAt: number;
  changes: number;
  interactions: number;
}

class Browser {
  readonly tabs: Tab[] = [];
  readonly #values = new Map<string, string>();
  writes = 0;
  touchedAt = -Infinity;
  #current: Tab | undefined;

  constructor() {
    const write = (key: string, value: string | undefined): void => {
      if (value === undefined) this.#values.delete(key);
      else this.#values.set(key, value);
      this.writes++;
      for (const tab of this.tabs) if (tab !== this.#current) tab.missed++;
    };
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => this.#values.get(key) ?? null,
      setItem: write,
      removeItem: write,
    });
  }

  /** Runs as that tab's script; then the others hear of what it wrote. */
  in<R>(tab: Tab, run: () => R): R {
    this.#enter(tab);
    const result = run();
    for (;;) {
      const next = this.tabs.find(({ missed, frozen }) => missed > 0 && !frozen);
      if (!next) break;
      next.missed--;
      this.#enter(next);
      next.window.dispatch('storage', { key: 'otel-session' });
    }
    this.#enter(tab);
    return result;
  }

  #enter(tab: Tab): void {
    this.#current = tab;
    vi.stubGlobal('window', tab.window);
    vi.stubGlobal('document', tab.document);
    vi.stubGlobal('navigator', {});
    vi.stubGlobal('performance', { getEntriesByType: () => [{ type: tab.loadType }] });
  }

  open(loadType = 'navigate', session?: SessionOptions): Tab {
    const tab = {
      window: new Target(),
      document: Object.assign(new Target(), { visibilityState: 'visible' }),
      loadType,
      frozen: false,
      missed: 0,
      touchedAt: loadType === 'navigate' ? (this.touchedAt = now) : this.touchedAt,
      changes: 0,
      interactions: 0,
    } as Tab;
    const guard = {
      run: (_where: string, fn: () => unknown) => fn(),
      wrap: (_where: string, fn: unknown) => fn,
      report: (error: unknown) => {
        throw error;
      },
    } as Guard;
    this.in(tab, () => {
      tab.tracker = createSessionTracker({
        session,
        guard,
        onChange: () => tab.changes++,
        onInteraction: () => tab.interactions++,
      });
      tab.tracker.start();
    });
    this.tabs.push(tab);
    return tab;
  }

  act(tab: Tab, type = 'keydown', event: object = {}): void {
    this.touchedAt = tab.touchedAt = now;
    this.in(tab, () => tab.window.dispatch(type, event));
  }

  close(tab: Tab): void {
    this.in(tab, () => tab.tracker.leave());
    this.tabs.splice(this.tabs.indexOf(tab), 1);
  }

  /** The session under which something that happens in the tab now is recorded. */
  recorded(tab: Tab): string | undefined {
    return this.in(tab, () => (tab.tracker.isPaused() ? undefined : tab.tracker.sessionId()));
  }
}

beforeEach(() => {
  now = 1000 * DAY;
  vi.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test('of three days with nobody there five minutes are recorded, in one session', () => {
  const browser = new Browser();
  const tab = browser.open();
  const end = now + 3 * DAY;
  let seconds = 0;
  const ids = new Set<string | undefined>();
  for (; now < end; now += SECOND) {
    const id = browser.recorded(tab);
    if (id === undefined) continue;
    seconds++;
    ids.add(id);
  }
  expect(seconds).toBe(5 * 60);
  expect(ids.size).toBe(1);
  browser.in(tab, () => tab.tracker.refresh()); // A span starts.
  expect(tab.tracker.sessionId()).toBeUndefined();
  expect(browser.writes).toBe(1);

  browser.act(tab, 'pointermove', { screenX: 1, screenY: 1 });
  const id = browser.recorded(tab);
  expect(id).toBeDefined();
  expect(ids.has(id)).toBe(false);
  expect([...ids]).toEqual([tab.tracker.previousId()]);
});

test('a page that loads itself anew each minute is recorded for five minutes of three days', () => {
  const browser = new Browser();
  let tab = browser.open();
  let recorded = 0;
  for (let minute = 0; minute < 3 * 24 * 60; minute++) {
    if (browser.recorded(tab) !== undefined) recorded++;
    now += MINUTE;
    browser.close(tab);
    tab = browser.open('reload');
  }
  expect(recorded).toBe(5);
});

test('what a page does by itself, and a pointer that rests, is no activity', () => {
  const browser = new Browser();
  const tab = browser.open();
  browser.act(tab, 'pointermove', { screenX: 7, screenY: 7 });
  now += 6 * MINUTE;
  browser.in(tab, () => {
    tab.window.dispatch('pointerdown', { isTrusted: false });
    tab.window.dispatch('pointermove', { screenX: 7, screenY: 7 });
    tab.document.visibilityState = 'hidden';
    tab.window.dispatch('visibilitychange');
  });
  expect(browser.recorded(tab)).toBeUndefined();
  expect(tab.changes + tab.interactions).toBe(0);
  tab.document.visibilityState = 'visible';
  browser.act(tab, 'visibilitychange');
  expect(browser.recorded(tab)).toBeDefined();
  expect(tab.changes).toBe(1);
  expect(tab.interactions).toBe(0);
  browser.act(tab, 'wheel');
  expect(tab.interactions).toBe(1);
});

test('an active user gets the next session at once when one is as long as it may be', () => {
  const browser = new Browser();
  const [tab, other] = [browser.open(), browser.open()];
  const first = browser.recorded(tab);
  const end = now + 4 * HOUR;
  while (now < end - MINUTE) {
    now += MINUTE;
    browser.act(tab);
    expect(browser.recorded(tab)).toBe(first);
  }
  now = end + SECOND; // Nothing but changes of the page since.
  const second = browser.recorded(tab);
  expect(second).toBeDefined();
  expect(second).not.toBe(first);
  expect(tab.tracker.previousId()).toBe(first);
  expect(tab.changes).toBe(1);
  // All tabs change together; one that nobody looks at is not recorded for it.
  expect(other.tracker.sessionId()).toBe(second);
  expect(browser.recorded(other)).toBeUndefined();
});

test("a clock that is set back, or a night's sleep, makes a session neither endless nor negative", () => {
  const browser = new Browser();
  const tab = browser.open();
  const first = browser.recorded(tab);
  now -= 2 * MINUTE; // Not yet a pause, but more than a correction.
  const second = browser.recorded(tab);
  expect(second).not.toBe(first);
  expect(browser.recorded(tab)).toBe(second);
  expect(tab.changes).toBe(1);
  now -= DAY;
  expect(browser.recorded(tab)).toBeUndefined();
  browser.act(tab);
  const third = browser.recorded(tab);
  expect(third).not.toBe(second);
  now += 8 * HOUR;
  expect(browser.recorded(tab)).toBeUndefined();
  browser.act(tab);
  expect(browser.recorded(tab)).not.toBe(third);
});

type Step =
  | { do: 'act' | 'close' | 'freeze' | 'thaw' | 'span'; tab: number }
  | { do: 'open'; reload: boolean }
  | { do: 'wait'; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('act', 'act', 'close', 'freeze', 'thaw', 'span'),
      tab: fc.nat(9),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('open'), reload: fc.boolean() }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('wait'),
      ms: fc.oneof(fc.nat(10 * SECOND), fc.nat(8 * MINUTE), fc.nat(2 * HOUR)),
    }),
  },
);

test('one session at a time over all tabs, none too long, and none comes back', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      now = 1000 * DAY;
      const browser = new Browser();
      const firstSeen = new Map<string, number>();
      let current: string | undefined;
      const check = (): void => {
        const awake = browser.tabs.filter(({ frozen }) => !frozen);
        for (const tab of awake) {
          const id = browser.recorded(tab);
          if (id === undefined) continue;
          expect(now - tab.touchedAt).toBeLessThan(5 * MINUTE);
          if (id !== current) {
            expect(firstSeen.has(id), 'a session came back').toBe(false);
            expect(tab.tracker.previousId()).toBe(current);
            firstSeen.set((current = id), now);
          }
          expect(now - firstSeen.get(id)!).toBeLessThan(4 * HOUR);
        }
        const ids = awake.flatMap((tab) =>
          browser.in(tab, () => {
            tab.tracker.refresh();
            return tab.tracker.sessionId() ?? [];
          }),
        );
        expect(new Set(ids).size, ids.join()).toBeLessThanOrEqual(1);
      };
      browser.open();
      check();
      for (const current of steps) {
        if (current.do === 'wait') now += current.ms;
        else if (current.do === 'open') browser.open(current.reload ? 'reload' : 'navigate');
        else {
          const tab = browser.tabs[current.tab % browser.tabs.length];
          if (!tab) continue;
          if (current.do === 'thaw') tab.frozen = false;
          else if (tab.frozen) continue;
          if (current.do === 'act') browser.act(tab);
          else if (current.do === 'close') browser.close(tab);
          else if (current.do === 'freeze') tab.frozen = true;
          else if (current.do === 'span') browser.in(tab, tab.tracker.refresh);
          else browser.in(tab, () => undefined);
        }
        check();
      }
    }),
    { numRuns: 300 },
  );
});
