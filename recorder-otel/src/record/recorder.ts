/** rrweb's life: when it starts, what it may see, what comes out. */
import type { Guard } from '../guard.js';
import { whenIdle } from '../idle.js';
import { listen } from '../listen.js';
import type { Restraint } from '../restraint/restraint.js';
import type { Deferral } from './deferral.js';
import { maskSecret, maskText } from './mask.js';
import { keepPageErrors } from './page-errors.js';
import { observers, withOurObserver } from './observer.js';
import { createPrivacyPolicy, UNMASKED, type MaskingOptions } from './privacy.js';
import { record, type RecordOptions, type RrwebEvent } from './rrweb.js';
import { createSanitizer } from './sanitize.js';
import type { UrlSanitizer } from './url.js';

export interface PageRecorderOptions {
  masking?: MaskingOptions | undefined;
  sanitizeUrl: UrlSanitizer;
  guard: Guard;
  restraint: Restraint;
  /** Sanitised events, in order. */
  onEvent: (event: RrwebEvent) => void;
  /** An event that could not be sanitised, and so was not recorded. */
  onDropped: () => void;
}

/** Records as soon as the document is there; returns how to stop. */
export function recordPage(options: PageRecorderOptions): () => void {
  const { guard } = options;
  let stop: (() => void) | undefined;
  const start = guard.wrap('start', () => {
    stop?.();
    stop = startRrweb(options);
  });
  // rrweb would wait by itself, and let a failed snapshot be an error of the page.
  if (document.readyState === 'loading') stop = listen(document, 'DOMContentLoaded', start);
  else start();
  return () => stop?.();
}

const LOAD_LATEST_MS = 1000;

/** As rrweb, there is one at a time. */
let deferral: Deferral | undefined;

/** Has all that happened so far come through `onEvent` before this returns. */
export function drainMutations(): void {
  deferral?.drain();
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
  restraint,
  onEvent,
  onDropped,
}: PageRecorderOptions): () => void {
  const policy = createPrivacyPolicy(masking);
  const sanitize = createSanitizer({
    policy,
    sanitizeUrl,
    nodeOf: (id) => record.mirror.getNode(id),
    isDoubtful: (node) => deferral?.isDoubtful(node) ?? false,
  });
  const pageErrors = keepPageErrors();
  const options: RecordOptions = {
    emit: (event) => {
      // What happened before comes before; nothing happened since it was held.
      drainMutations();
      deferral?.date(event);
      restraint.meter.measure(() => {
        const sanitized = guard.run('sanitize', () => sanitize(event));
        // False is a refusal and no loss; without an answer it failed.
        guard.run('event', () => (sanitized ? onEvent(event) : (sanitized ?? onDropped())));
      });
    },
    blockSelector: policy.blockSelector,
    ignoreSelector: policy.ignoreSelector,
    // By tag name, so that every type is covered, and before rrweb compares: the same mask twice
    // is no event, so that the number of characters typed into a secret field does not show.
    maskInputOptions: { input: true, textarea: true, select: true },
    maskInputFn: (text, element) => {
      // It may have been a password until now.
      drainMutations();
      if (policy.isSecretInput(element)) return maskSecret(text);
      return policy.of(element) === UNMASKED ? text : maskText(text);
    },
    slimDOMOptions: 'all',
    sampling: { mousemoveCallback: 500, scroll: 100 },
    errorHandler: (error) => {
      // What the page's own call threw belongs to the page.
      if (pageErrors.has(error)) return false;
      guard.report(error, 'rrweb');
      return true;
    },
  };
  const stop = withOurObserver(() => record(options));
  if (!stop) guard.report(new Error('rrweb cannot record this page'), 'rrweb');
  let stopped = false;
  const load = async (): Promise<void> => {
    const { createDeferral } = await import('./deferral.js');
    if (!stopped) deferral = createDeferral(guard, policy, restraint, record.mirror, observers);
  };
  const cancel = whenIdle(
    () => void load().catch((error) => guard.report(error, 'deferral')),
    LOAD_LATEST_MS,
  );
  return () => {
    stopped = true;
    cancel();
    deferral?.stop();
    deferral = undefined;
    stop?.();
    pageErrors.restore();
  };
}
