/** What the events of one segment say: exact marks, rows for the lists, and how much happened when. */
import type { ReplayEvent } from '@otel-replay/protocol';
import { EVENT_TYPE, INTERACTION, SOURCE, USER_SOURCES } from '../rrweb-events.js';
import { customMark, type CustomMark } from './custom-marks.js';
import type { ElementNames } from './element-names.js';
import type { Mark } from './marks.js';
import {
  consoleRecord,
  requestLabel,
  requestRecord,
  type ConsoleRecord,
  type RequestRecord,
} from './records.js';

export interface SegmentInsight {
  marks: Mark[];
  requests: RequestRecord[];
  logs: ConsoleRecord[];
  /** When the person did something, Unix milliseconds, in order. */
  activity: number[];
  /** Of each second in which something happened: changes of the page, and of what the person did. */
  seconds: Map<number, { changes: number; actions: number }>;
}

/** Typing goes on as long as the next change of the same field comes within this time. */
const TYPING_MS = 5000;
/** A check box changes so soon after the click. */
const CLICK_MS = 300;

/**
 * @param index of the segment in its recording
 * @param names follows the same events, for the elements that were clicked; optional
 */
export function insightOfEvents(
  events: readonly ReplayEvent[],
  recordingId: string,
  index: number,
  names?: ElementNames,
): SegmentInsight {
  const reader = new SegmentReader(recordingId, index, names);
  for (const event of events) {
    names?.follow(event);
    reader.take(event);
  }
  return reader.insight;
}

class SegmentReader {
  readonly insight: SegmentInsight = {
    marks: [],
    requests: [],
    logs: [],
    activity: [],
    seconds: new Map(),
  };
  readonly #recordingId: string;
  readonly #index: number;
  readonly #names: ElementNames | undefined;
  readonly #failed = new Map<string, Mark>();
  #clicked: { elementId: unknown; until: number } | undefined;
  #typing: { elementId: unknown; until: number } | undefined;

  constructor(recordingId: string, index: number, names: ElementNames | undefined) {
    this.#recordingId = recordingId;
    this.#index = index;
    this.#names = names;
  }

  take(event: ReplayEvent): void {
    const data = (event.data ?? {}) as Record<string, unknown>;
    if (event.type === EVENT_TYPE.META) {
      const { href } = data;
      if (typeof href !== 'string') return;
      this.#add(event.timestamp, { kind: 'navigation', label: href.slice(0, 2000) });
    } else if (event.type === EVENT_TYPE.INCREMENTAL) {
      this.#takeChange(event.timestamp, data);
    } else if (event.type === EVENT_TYPE.CUSTOM) {
      this.#takeCustom(event.timestamp, data);
    }
  }

  #takeChange(time: number, data: Record<string, unknown>): void {
    const source = Number(data['source']);
    const isAction = USER_SOURCES.has(source);
    this.#count(time, isAction);
    if (isAction) this.insight.activity.push(time);
    const elementId = typeof data['id'] === 'number' ? data['id'] : undefined;
    const element = elementId === undefined ? {} : { elementId };
    if (source === SOURCE.MOUSE_INTERACTION && data['type'] === INTERACTION.CLICK) {
      this.#clicked = { elementId, until: time + CLICK_MS };
      this.#add(time, { kind: 'click', label: 'Click', ...element });
    } else if (source === SOURCE.INPUT && this.#isTyped(time, elementId)) {
      this.#add(time, { kind: 'input', label: 'Input', ...element });
    }
  }

  /** False for what scripts put in, and for what goes on. */
  #isTyped(time: number, elementId: number | undefined): boolean {
    const isFocused = elementId !== undefined && elementId === this.#names?.focusedId;
    const isClicked = elementId === this.#clicked?.elementId && time <= (this.#clicked?.until ?? 0);
    if (!isFocused && !isClicked) return false;
    const goesOn = this.#typing?.elementId === elementId && time <= (this.#typing?.until ?? 0);
    this.#typing = { elementId, until: time + TYPING_MS };
    return !goesOn;
  }

  #takeCustom(time: number, data: Record<string, unknown>): void {
    const { tag } = data;
    const payload = (data['payload'] ?? {}) as Record<string, unknown>;
    const place = { time, recordingId: this.#recordingId };
    const { logs, requests } = this.insight;
    if (tag === 'session_replay.console') {
      const record = consoleRecord(payload, { ...place, id: this.#id('log', logs.length) });
      logs.push(record);
      if (record.level === 'error') this.#add(time, { kind: 'console_error', label: record.text });
    } else if (tag === 'session_replay.request') {
      const record = requestRecord(payload, { ...place, id: this.#id('request', requests.length) });
      requests.push(record);
      if (record.failed) this.#failure(time, failedRequest(record));
    } else {
      const custom = customMark(tag, payload);
      if (custom?.kind === 'error') this.#failure(time, custom);
      else if (custom !== undefined) this.#add(time, custom);
    }
  }

  /** What failed is told by its span and by its request: one mark, that which says more. */
  #failure(time: number, custom: CustomMark): void {
    const told = custom.traceId === undefined ? undefined : this.#failed.get(custom.traceId);
    if (told === undefined) {
      const mark = this.#add(time, custom);
      if (custom.traceId !== undefined) this.#failed.set(custom.traceId, mark);
    } else if (custom.kind === 'failed_request') {
      const { kind, label, attributes } = custom;
      Object.assign(told, { kind, label, ...(attributes && { attributes }) });
    }
  }

  #add(eventTime: number, custom: CustomMark): Mark {
    const { marks } = this.insight;
    const { kind, label, time = eventTime, traceId, elementId, attributes } = custom;
    const mark: Mark = {
      id: this.#id('mark', marks.length),
      kind,
      time,
      label,
      recordingId: this.#recordingId,
    };
    const name = elementId === undefined ? undefined : this.#names?.nameOf(elementId);
    if (name !== undefined) mark.label = `${label} ${PREPOSITION[kind] ?? 'on'} ${name}`;
    if (traceId !== undefined) mark.traceId = traceId;
    if (attributes !== undefined) mark.attributes = attributes;
    marks.push(mark);
    return mark;
  }

  #id(kind: string, at: number): string {
    return `${this.#recordingId}/${this.#index}/${kind}/${at}`;
  }

  #count(time: number, isAction: boolean): void {
    const second = Math.floor(time / 1000);
    const counts = this.insight.seconds.get(second) ?? { changes: 0, actions: 0 };
    if (isAction) counts.actions++;
    else counts.changes++;
    this.insight.seconds.set(second, counts);
  }
}

const PREPOSITION: Partial<Record<Mark['kind'], string>> = { input: 'into', web_vital: '·' };

function failedRequest(record: RequestRecord): CustomMark {
  const { traceId, durationMs, status } = record;
  const attributes = { 'duration ms': durationMs, ...(status > 0 && { status }) };
  const mark: CustomMark = { kind: 'failed_request', label: requestLabel(record), attributes };
  if (traceId !== undefined) mark.traceId = traceId;
  return mark;
}
