/**
 * What a page's main thread did, from a trace, by the thread's own clock: the `longtask` entries of a
 * page go by wall time, and so also count what other processes of a busy machine took.
 */
import type { CDPSession } from 'playwright-core';

export interface TraceSummary {
  /** Milliseconds of CPU in scripts, garbage collection, timers, messages: all but rendering. */
  workMs: number;
  /** Milliseconds of CPU in style, layout, paint, compositing and hit tests. */
  renderingMs: number;
  /** Milliseconds of CPU of the tasks of more than 50. */
  longTasks: number[];
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds; `dur` of wall time, `tdur` of the thread's. */
  ts: number;
  dur?: number;
  tdur?: number;
  args?: { name?: string };
}

const CATEGORIES = ['toplevel', '__metadata', 'devtools.timeline', 'v8', 'blink'];
const TASK = 'ThreadControllerImpl::RunTask';
const LONG_TASK_US = 50_000;
/** The phases of Blink's document lifecycle, as Chromium 156 names them. */
const RENDERING =
  /^(Paint|PrePaint|Layerize|Layout|UpdateLayoutTree|HitTest|ScrollLayer|CullRectUpdate|InlineNode::|Document::(update|Update|recalc|rebuild)|LocalFrameView::|Blink\.\w+\.UpdateTime|PaintArtifactCompositor|PaintLayerScrollable|ScrollableArea|ScrollAnchor|LayoutView|IntersectionObserver|AnimationTimeline|PageAnimator|RootScroller|WebFrameWidgetImpl|FrameSelection|StyleEngine)/;

/** Begins to trace; what it returns ends it. */
export async function startTrace(cdp: CDPSession): Promise<() => Promise<TraceSummary>> {
  const events: TraceEvent[] = [];
  cdp.on('Tracing.dataCollected', ({ value }) =>
    events.push(...(value as unknown as TraceEvent[])),
  );
  await cdp.send('Tracing.start', {
    traceConfig: { includedCategories: CATEGORIES },
    transferMode: 'ReportEvents',
  });
  return async () => {
    const complete = new Promise((resolve) => cdp.once('Tracing.tracingComplete', resolve));
    await cdp.send('Tracing.end');
    await complete;
    return summarise(mainThreadOf(events));
  };
}

/** Of the busiest renderer: the page's. */
function mainThreadOf(events: readonly TraceEvent[]): TraceEvent[] {
  const mains = events.filter(
    ({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain',
  );
  const threads = mains.map(({ pid, tid }) =>
    events.filter((event) => event.pid === pid && event.tid === tid && event.ph === 'X'),
  );
  const busy = (thread: TraceEvent[]): number =>
    thread.filter(({ name }) => name === TASK).reduce((sum, { tdur = 0 }) => sum + tdur, 0);
  const [busiest = []] = threads.sort((a, b) => busy(b) - busy(a));
  return busiest;
}

function summarise(events: TraceEvent[]): TraceSummary {
  let work = 0;
  let rendering = 0;
  const longTasks: number[] = [];
  /** Of the events that are open, the innermost last: what is within is not their own time. */
  const open: { end: number; add: (us: number) => void }[] = [];
  for (const { name, ts, dur = 0, tdur = 0 } of events.sort(outerFirst)) {
    while (open.length > 0 && open.at(-1)!.end <= ts) open.pop();
    const add = (us: number): void => {
      if (RENDERING.test(name)) rendering += us;
      else work += us;
    };
    add(tdur);
    open.at(-1)?.add(-tdur);
    open.push({ end: ts + dur, add });
    if (name === TASK && tdur > LONG_TASK_US) longTasks.push(tdur / 1000);
  }
  return { workMs: work / 1000, renderingMs: rendering / 1000, longTasks };
}

const outerFirst = (a: TraceEvent, b: TraceEvent): number =>
  a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0);
