/** A session as a Playwright test, so that a bug becomes a regression test. */
export { tellStory, type StoryRange } from './tell-story.js';
export type { Story, TestStep, Parameter } from './steps.js';
export { writeTest, type Outcome, type TestOptions } from './write-test.js';
