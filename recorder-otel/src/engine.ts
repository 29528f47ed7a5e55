/**
 * What numbers, packs and sends what is recorded, and looks after the rest of the page. Loaded when
 * recording begins, in one piece: each file of its own would cost every page a millisecond of its
 * main thread. What most pages do not ask for is loaded by itself.
 */
import { watchConsent } from './consent-watch.js';
import type { ResourceLike } from './emit/span.js';
import type { SessionReplayOptions } from './options.js';
import { createPipeline, type Pipeline } from './pipeline.js';
import { createRecordingControl } from './record/control.js';
import type { PageHost, RecordingControl } from './record/types.js';

export { untracedFetch } from './emit/transport.js';

export interface Engine {
  readonly control: RecordingControl;
  readonly pipeline: Pipeline;
}

export function createEngine(
  options: SessionReplayOptions,
  host: PageHost,
  resource: () => ResourceLike | undefined,
): Engine {
  const pipeline = createPipeline({
    options,
    host,
    resource,
    onLost: (events) => control.lost(events),
    onSending: () => control.cut(),
    onRecovered: () => control.heal(),
  });
  const control = createRecordingControl({
    options,
    host,
    onSegment: pipeline.add,
    outlet: pipeline.outlet,
    onTrigger: pipeline.trigger,
    rawBudget: pipeline.rawBudget,
  });
  watchConsent(host, options);
  return { control, pipeline };
}
