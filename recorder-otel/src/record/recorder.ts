/** rrweb's life: when it starts, what it may see, what comes out. */
import type { Guard } from '../guard.js';
import { listen } from '../listen.js';
import type { Meter } from '../restraint/meter.js';
import type { BeginDeferral, Deferral } from './deferral.js';
import { keepPageErrors } from './page-errors.js';
import { observers, withOurObserver } from './observer.js';
import { createPrivacyPolicy, type MaskingOptions } from './privacy.js';
import { FULL_SNAPSHOT, MUTATION, record, type RecordOptions, type RrwebEvent } from './rrweb.js';
import { createSanitizer } from './sanitize.js';
import { createNodeReader } from './serialize.js';
import { closedRoots } from './closed-roots.js';
import { withoutFrame } from './untainted.js';
import type { UrlSanitizer } from './url.js';

export interface PageRecorderOptions {
  masking?: MaskingOptions | undefined;
  sanitizeUrl: UrlSanitizer;
  guard: Guard;
  meter: Meter;
  /** Sanitised events, in order. */
  onEvent: (event: RrwebEvent) => void;
  /** An event that could not be sanitised, and so was not recorded. */
  onDropped: () => void;
}

export interface PageRecorder {
  /** From here on mutations are held for a moment. */
  defer(begin: BeginDeferral): void;
  stop(): void;
}

/** Records as soon as the document is there. */
export function recordPage(options: PageRecorderOptions): PageRecorder {
  const { guard } = options;
  let running: PageRecorder | undefined;
  let deferred: BeginDeferral | undefined;
  let cancel: (() => void) | undefined;
  const start = guard.wrap('start', () => {
    cancel?.();
    running = startRrweb(options);
    if (deferred) running.defer(deferred);
  });
  // rrweb would wait by itself, and let a failed snapshot be an error of the page.
  if (document.readyState === 'loading') cancel = listen(document, 'DOMContentLoaded', start);
  else start();
  return {
    defer: (begin) => {
      deferred = begin;
      running?.defer(begin);
    },
    stop: () => {
      cancel?.();
      running?.stop();
    },
  };
}

/** As rrweb, there is one at a time. */
let deferral: Deferral | undefined;

/** Has all that happened so far come through `onEvent` before this returns. */
export function drainMutations(): void {
  deferral?.drain();
  tellFields();
}

/** Of what is told late: no event that comes by is later than this. */
let limit = Infinity;
/** The last event is of then. */
let lastAt = 0;

function tellFields(at = record.fieldsAt ?? 0): void {
  const before = limit;
  limit = Math.min(limit, at);
  record.tellFields?.();
  limit = before;
}

function date(event: RrwebEvent): void {
  const { timestamp } = event;
  if (limit < timestamp) event.timestamp = Math.max(limit, Math.min(lastAt, timestamp));
  deferral?.date(event);
  lastAt = event.timestamp;
}

/** Asks rrweb for Meta + FullSnapshot now; they come through `onEvent` before this returns. */
export function takeSnapshot(): void {
  drainMutations();
  record.takeFullSnapshot(true);
}

function startRrweb({
  masking,
  sanitizeUrl,
  guard,
  meter,
  onEvent,
  onDropped,
}: PageRecorderOptions): PageRecorder {
  const policy = createPrivacyPolicy(masking);
  const sanitize = createSanitizer({
    policy,
    sanitizeUrl,
    nodeOf: (id) => record.mirror.getNode(id),
    isDoubtful: (node) => deferral?.isDoubtful(node) ?? false,
  });
  const pageErrors = keepPageErrors();
  let stopped = false;
  const options: RecordOptions = {
    emit: (event) => {
      if (stopped) return;
      // What happened before comes before; nothing happened since it was held.
      deferral?.drain();
      // A field may be part of what is just being told of.
      if (event.type !== FULL_SNAPSHOT && event.data['source'] !== MUTATION) tellFields();
      date(event);
      meter.measure(() => {
        const sanitized = guard.run('sanitize', () => sanitize(event));
        // False is a refusal and no loss; without an answer it failed.
        guard.run('event', () => (sanitized ? onEvent(event) : (sanitized ?? onDropped())));
      });
    },
    // The class that rrweb goes by would be asked for at every node beside it.
    blockSelector: `.rr-block,${policy.blockSelector}`,
    // By tag name, so that every type is covered, and before rrweb compares: the same mask twice
    // is no event, so that the number of characters typed into a secret field does not show.
    maskInputOptions: { input: true, textarea: true, select: true },
    maskInputFn: (text, element) => {
      // It may have been a password until now.
      deferral?.drain();
      return policy.maskInput(text, element);
    },
    // Said of all at once, it is not asked of each node; what is masked, the gate decides.
    maskTextSelector: '*',
    maskTextFn: (text) => text,
    slimDOMOptions: 'all',
    sampling: { mousemoveCallback: 500, scroll: 100 },
    errorHandler: (error) => {
      // What the page's own call threw belongs to the page.
      if (pageErrors.has(error)) return false;
      guard.report(error, 'rrweb');
      return true;
    },
  };
  record.closedRoots = closedRoots.of;
  if (record.internals) record.serializeNode ??= createNodeReader(record.internals);
  const stop = withOurObserver(() => withoutFrame(() => record(options)));
  if (!stop) guard.report(new Error('rrweb cannot record this page'), 'rrweb');
  return {
    defer: (begin) => {
      deferral = begin(guard, policy, record.mirror, observers);
    },
    stop: () => {
      drainMutations();
      stopped = true;
      deferral?.stop();
      deferral = undefined;
      stop?.();
      pageErrors.restore();
    },
  };
}
