/** From the events of a session to the steps of a test. */
import type { RecordingManifest, ReplayEvent, SessionManifest } from '@otel-replay/protocol';
import type { ReplaySource } from '../../engine/client/source.js';
import { samePage } from './addresses.js';
import { TabDraft, type DraftStep } from './draft.js';
import { RecordingFollower } from './follow-recording.js';
import { Parameters } from './parameters.js';
import { eventsOf } from './session-events.js';
import type { Story } from './steps.js';

export interface StoryRange {
  /** Unix milliseconds, browser clock, inclusive. */
  from: number;
  to: number;
}

/** A page that is left writes for a moment while the next one starts already. */
const OVERLAP_MS = 1000;
const POPUP_MS = 10_000;

/** @throws ReplaySourceError, or the abort of `signal` */
export async function tellStory(
  source: ReplaySource,
  session: SessionManifest,
  { from, to }: StoryRange,
  signal?: AbortSignal,
): Promise<Story> {
  const teller = new StoryTeller(from);
  const recordings = session.recordings
    .filter((r) => r.firstTimestamp <= to && r.lastTimestamp >= from)
    .sort((a, b) => a.firstTimestamp - b.firstTimestamp);
  for (const recording of recordings) {
    const range = { sessionId: session.sessionId, recording, from, to };
    const events = eventsOf(source, range, signal);
    await teller.recording(recording, withinTime(events, to));
  }
  return teller.story();
}

async function* withinTime(
  segments: AsyncIterable<readonly ReplayEvent[]>,
  to: number,
): AsyncGenerator<ReplayEvent> {
  for await (const events of segments) {
    for (const event of events) if (event.timestamp <= to) yield event;
  }
}

class StoryTeller {
  readonly #from: number;
  readonly #tabs: TabDraft[] = [];
  readonly #parameters = new Parameters();
  readonly #notes = new Set<string>();
  #viewport = { width: 1280, height: 720 };

  constructor(from: number) {
    this.#from = from;
  }

  async recording(
    { firstTimestamp, gaps }: Pick<RecordingManifest, 'firstTimestamp' | 'gaps'>,
    events: AsyncIterable<ReplayEvent>,
  ): Promise<void> {
    const draft = this.#tabOf(firstTimestamp);
    const isFirst = this.#tabs.length === 0;
    const follower = new RecordingFollower({
      draft,
      parameters: this.#parameters,
      from: this.#from,
      onViewport: (viewport) => {
        if (isFirst) this.#viewport = viewport;
      },
    });
    if (gaps.length > 0) {
      this.#notes.add('Parts of the recording were lost: steps may be missing here.');
    }
    if (!this.#tabs.includes(draft)) this.#tabs.push(draft);
    for await (const event of events) follower.read(event);
    follower.end();
  }

  story(): Story {
    const tabs = this.#tabs.filter((tab) => tab.steps.length > 0);
    const steps = tabs
      .flatMap((tab, at) => tab.steps.map((step) => ({ ...step, tab: at })))
      .sort((a, b) => a.time - b.time)
      .filter(matters);
    joinPopups(steps);
    const used = new Set(steps.flatMap((step) => parameterOf(step)));
    return {
      steps,
      parameters: this.#parameters.all.filter(({ name }) => used.has(name)),
      viewport: this.#viewport,
      notes: [...this.#notes],
    };
  }

  /** One page load after another is a tab; what is recorded at the same time is another one. */
  #tabOf(firstTimestamp: number): TabDraft {
    const ended = this.#tabs.filter((tab) => tab.lastTimestamp <= firstTimestamp + OVERLAP_MS);
    const latest = ended.sort((a, b) => b.lastTimestamp - a.lastTimestamp)[0];
    return latest ?? new TabDraft(this.#tabs.length);
  }
}

/** A click beside all controls of which nothing came is left out. */
function matters({ action, isControl, answers, leadsTo, shows, errors }: DraftStep): boolean {
  if (action.kind !== 'click' || isControl) return true;
  return answers.length + shows.length + errors.length > 0 || leadsTo !== undefined;
}

/** A tab that a link of another one leads to was opened by it. */
function joinPopups(steps: DraftStep[]): void {
  const known = new Set<number>([0]);
  for (const [at, step] of steps.entries()) {
    if (known.has(step.tab) || step.action.kind !== 'goto') continue;
    known.add(step.tab);
    const { url } = step.action;
    const opener = steps
      .slice(0, at)
      .findLast((one) => one.tab !== step.tab && step.time - one.time < POPUP_MS);
    const href = opener?.node?.attributes['href'];
    if (opener?.action.kind !== 'click' || href === undefined) continue;
    if (!URL.canParse(href, url) || !samePage(new URL(href, url).href, url)) continue;
    opener.opensTab = step.tab;
    step.action = { kind: 'opened', url };
  }
}

function parameterOf({ action }: DraftStep): string[] {
  const value = 'value' in action ? action.value : undefined;
  return value !== undefined && 'parameter' in value ? [value.parameter] : [];
}
