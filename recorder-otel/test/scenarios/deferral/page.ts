/** Records itself, with rrweb alone or with ours, while it is changed in the same ways. */
import { record } from '@rrweb/record';
import { SessionReplaySpanProcessor } from 'recorder-otel';
import { record as ours } from '../../../src/record/rrweb.js';
import { createChanges } from './changes.js';
import { dump } from './dump.js';

const settings = new URLSearchParams(location.search);
if (!settings.has('masked')) document.documentElement.setAttribute('data-replay-unmask', '');
const bare: unknown[] = [];
let mark: (n: number) => void;
let flush = (): Promise<void> => Promise.resolve();
const errors: string[] = [];

if (settings.get('recorder') === 'bare') {
  const start = record as unknown as (options: object) => void;
  start({
    emit: (event: unknown) => bare.push(event),
    slimDOMOptions: 'all',
    sampling: { mousemoveCallback: 500, scroll: 100 },
  });
  mark = (n) =>
    (record as unknown as { addCustomEvent(tag: string, payload: unknown): void }).addCustomEvent(
      'quiet',
      { n },
    );
} else {
  const replay = new SessionReplaySpanProcessor({
    url: settings.get('ingest')!,
    onError: (error, where) => errors.push(`${where}: ${String(error)}`),
  });
  mark = (n) => replay.addEvent('quiet', { n });
  flush = () => replay.forceFlush();
  Object.assign(window, { replay });
}

const frame = (): Promise<unknown> => new Promise(requestAnimationFrame);
const task = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve));

async function quiet(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await frame();
    await task();
  }
  // rrweb tells of values that scripts set after a moment, and of scrolling every 100 ms.
  await new Promise((resolve) => setTimeout(resolve, 120));
}

/** Changes the page in ways that `seed` decides; returns what it shows at each quiet moment. */
async function play(seed: number, moments: number, changesEach: number): Promise<string[]> {
  const changes = createChanges(seed, document.querySelector('#root')!);
  const shown: string[] = [];
  for (let moment = 0; moment < moments; moment++) {
    for (let i = 0; i < changesEach; i++) {
      changes.next();
      const pause = changes.random(8);
      if (pause === 0) await frame();
      else if (pause === 1) await task();
      else if (pause < 5) await Promise.resolve();
    }
    await quiet();
    shown.push(dump(document));
    mark(moment);
  }
  await flush();
  return shown;
}

/** What holds mutations is loaded late. */
const defers = (): boolean => Object.hasOwn(ours.mirror, 'getId');

Object.assign(window, { play, bare, errors, quiet, defers, shows: () => dump(document) });
