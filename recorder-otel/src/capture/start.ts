/** Everything that is recorded besides the DOM. */
import { watchBackend } from '../trigger/backend.js';
import { watchRestraint } from '../restraint/watch.js';
import { watchDeadClicks } from '../trigger/dead-clicks.js';
import { watchRageClicks } from '../trigger/clicks.js';
import { recordBusyTimes } from './busy.js';
import { recordClosedRoots } from './closed-roots.js';
import type { LateParts } from './late-parts.js';
import { recordNavigation } from './navigation.js';
import { recordRequests } from './network.js';
import { recordPopovers } from './popovers.js';
import { recordSaid } from './said.js';
import { recordSilentStates } from './silent-states.js';
import { recordWebVitals } from './web-vitals.js';

/** Starts what the options ask for; returns how to stop. */
export function startCapture(parts: LateParts): () => void {
  const { recording, options } = parts;
  const { guard } = recording;
  const { capture = {}, triggers = {} } = options;
  const { console: consoleOptions = false } = capture;
  let stops: (() => void)[] = [];
  let stopped = false;
  const start = (where: string, begin: () => (() => void) | undefined): void => {
    const stop = guard.run(where, begin);
    if (stop) stops.push(stop);
  };
  /** A part in a chunk of its own. */
  const load = async (
    where: string,
    part: () => Promise<(() => void) | undefined>,
  ): Promise<void> => {
    try {
      const stop = await part();
      if (stop && stopped) guard.run('stop', stop);
      else if (stop) stops.push(stop);
    } catch (error) {
      guard.report(error, where);
    }
  };
  start('restraint', () => watchRestraint(parts));
  start('said', () => recordSaid(recording));
  if (capture.network !== false) start('network', () => recordRequests(recording));
  if (capture.navigation !== false) start('navigation', () => recordNavigation(parts));
  // Where the browser knows none there are none.
  if ('popover' in HTMLElement.prototype) start('popover', () => recordPopovers(recording));
  start('shadow', () => recordClosedRoots(recording));
  start('states', () => recordSilentStates(recording));
  start('busy', () => recordBusyTimes(parts));
  start('backend', () => watchBackend(parts));
  start('clicks', () => watchRageClicks(recording, triggers));
  if (triggers.deadClick) start('clicks', () => watchDeadClicks(recording));
  // They are the document's, not the recording's, and their library has no way to stop.
  if (capture.webVitals !== false && parts.first) {
    guard.run('vitals', () => recordWebVitals(recording));
  }
  if (consoleOptions !== false || triggers.consoleError) {
    void load('console', async () => {
      const { recordConsole } = await import('./console.js');
      return stopped ? undefined : recordConsole(recording, consoleOptions, triggers);
    });
  }
  if (capture.canvas) {
    void load('canvas', async () => {
      const { recordCanvas } = await import('./canvas.js');
      return stopped ? undefined : recordCanvas(parts);
    });
  }
  if (capture.pictures) {
    void load('pictures', async () => {
      const { recordPictures } = await import('./pictures.js');
      return stopped ? undefined : recordPictures(parts);
    });
  }
  if (capture.pictures) {
    void load('pictures', async () => {
      const { recordSheetPictures } = await import('./files.js');
      return stopped ? undefined : recordSheetPictures(parts);
    });
  }
  if (capture.fonts) {
    void load('fonts', async () => {
      const { recordFonts } = await import('./files.js');
      return stopped ? undefined : recordFonts(parts);
    });
  }
  return () => {
    stopped = true;
    for (const stop of stops) guard.run('stop', stop);
    stops = [];
  };
}
