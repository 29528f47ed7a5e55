/** What a person did and what came of it, in the words a test has for it. */
import type { Locator } from '../page/locator.js';

/** What is filled in: as it was typed, or a parameter where the recording does not know it. */
export type Value = { known: string } | { parameter: string };

export interface Parameter {
  name: string;
  /** What the field is called, for a comment. */
  field: string;
  /** Made up, so that the test runs; absent where nothing can be made up. */
  example?: string;
}

export type Action =
  | { kind: 'goto'; url: string }
  | { kind: 'reload' }
  /** A tab that another one has opened. */
  | { kind: 'opened'; url: string }
  | { kind: 'click'; target: Locator; count?: 2 }
  | { kind: 'fill'; target: Locator; value: Value }
  | { kind: 'select'; target: Locator; value: Value }
  | { kind: 'check'; target: Locator }
  | { kind: 'press'; target: Locator; key: string }
  | { kind: 'scroll'; x: number; y: number }
  | { kind: 'resize'; width: number; height: number };

/** A request the page made because of an action. */
export interface Answer {
  method: string;
  /** As recorded: without query. */
  url: string;
  /** 0: there was none. */
  status: number;
  failed: boolean;
}

export interface Shown {
  text: string;
  /** It told of a failure. */
  failure: boolean;
  /** What the page calls itself. */
  isHeading?: true;
}

export interface TestStep {
  /** Which of the session's tabs, from 0. */
  tab: number;
  /** Unix milliseconds, browser clock. */
  time: number;
  action: Action;
  answers: Answer[];
  /** The tab that it opened. */
  opensTab?: number;
  /** The address the page had because of it. */
  leadsTo?: string;
  /** What could be read on the page because of it. */
  shows: Shown[];
  /** Types of exceptions that nobody caught. */
  errors: string[];
}

export interface Story {
  steps: readonly TestStep[];
  parameters: readonly Parameter[];
  viewport: { width: number; height: number };
  /** Things a reader should know, one line each. */
  notes: readonly string[];
}
