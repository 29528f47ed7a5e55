/** What runs inside the page: rrweb with its defaults, and both codings. */
import type { ReplayEvent } from '@otel-replay/protocol';
import { asColumns, asJson, type Coding, type Segment } from './coders.js';

export interface EncodingPage {
  startRecorder?: () => void;
  benchRun?: (drainMs: number) => Promise<void>;
  recordedEvents?: ReplayEvent[];
  prepare?: (segments: string) => void;
  encode?: (coding: Coding, times: number) => void;
}

const page = globalThis as EncodingPage;
let segments: readonly Segment[] = [];

/** rrweb is handed in, because it is where the recorder has it. */
export function install(
  record: (options: { emit: (event: ReplayEvent) => void }) => unknown,
): void {
  page.startRecorder = () => {
    const events: ReplayEvent[] = (page.recordedEvents = []);
    record({ emit: (event) => void events.push(event) });
  };
}

page.prepare = (json) => {
  segments = JSON.parse(json) as Segment[];
};

page.encode = (coding, times) => {
  const encode = coding === 'json' ? asJson : asColumns;
  for (let i = 0; i < times; i++) for (const segment of segments) encode(segment);
};
