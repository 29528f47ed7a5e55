/** The script of every page: `?scenario=` says which page it is. */
import { bigDom } from './big-dom.js';
import { createRandom, shown, type Scenario } from './drive.js';
import { scroll } from './scroll.js';
import { stream } from './stream.js';
import { table } from './table.js';
import { typing } from './typing.js';

const SCENARIOS: Record<string, Scenario> = {
  'big-dom': bigDom,
  table,
  stream,
  typing,
  scroll,
};

/** What the benchmark calls in the page. */
export interface BenchPage {
  /** Set by the variant's script: begins to record. */
  startRecorder?: () => unknown;
  /** Events that bare rrweb recorded, as JSON. */
  recorded?: string[];
  /** Starts the recorder, does the scenario's work, and waits for what is sent late. */
  benchRun?: (drainMs: number) => Promise<void>;
}

const page = window as BenchPage;
const name = new URLSearchParams(location.search).get('scenario') ?? '';
const scenario = SCENARIOS[name];
if (!scenario) throw new Error(`there is no scenario "${name}"`);
const root = document.querySelector<HTMLElement>('#root')!;
const random = createRandom(20_260_101);
scenario.build(root, random);

page.benchRun = async (drainMs) => {
  await page.startRecorder?.();
  await shown();
  await scenario.run(root, random);
  await new Promise((resolve) => setTimeout(resolve, drainMs));
};
