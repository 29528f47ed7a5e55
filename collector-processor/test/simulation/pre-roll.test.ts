/** The figures of the quality bars, by the real state machine on a clock of our own. */
import { expect, it } from 'vitest';
import { backendLateness, SECOND, simulate, type Outcome, type Scenario } from './fleet.js';
import type { Random } from './random.js';

const upTo20Seconds = (random: Random): number => random.between(0, 20 * SECOND);

const FLEET = { sessions: 1000, instances: 4, lateness: backendLateness };

const SCENARIOS = {
  'the bar: errors 0–20 s late, 2 % of messages lost': {
    ...{ ...FLEET, sessions: 3000 },
    ...{ lateness: upTo20Seconds, lostMessages: 0.02 },
  },
  'usual lateness, 2 % of messages lost': { ...FLEET, lostMessages: 0.02 },
  'usual lateness, every message arrives': { ...FLEET, lostMessages: 0 },
  'usual lateness, no message arrives': { ...FLEET, lostMessages: 1 },
  'usual lateness, one instance': { ...FLEET, instances: 1, lostMessages: 0 },
  'errors 0–20 s late, no decision_wait': {
    ...{ ...FLEET, lateness: upTo20Seconds, lostMessages: 0.02 },
    session: { decisionWaitMs: 0 },
  },
} satisfies Record<string, Scenario>;

it('keeps what was promised of sessions on several instances', async () => {
  const outcomes = new Map<string, Outcome>();
  for (const [name, scenario] of Object.entries(SCENARIOS)) {
    outcomes.set(name, await simulate(scenario));
  }
  process.stdout.write(`${tableOf(outcomes)}\n`);
  for (const [name, { postRoll, preRoll }] of outcomes) {
    if (name === 'errors 0–20 s late, no decision_wait') continue;
    expect(preRoll, name).toBeGreaterThanOrEqual(0.99);
    expect(postRoll, name).toBeGreaterThanOrEqual(0.99);
  }
  // The figures can be missed: a ring of 30 s does not give 30 s.
  expect(outcomes.get('errors 0–20 s late, no decision_wait')?.preRoll).toBeLessThan(0.99);
}, 600_000);

it('is the same in every run', async () => {
  const scenario = { ...FLEET, sessions: 100, lostMessages: 0.02, seed: 7 };
  expect(await simulate(scenario)).toEqual(await simulate(scenario));
});

function tableOf(outcomes: ReadonlyMap<string, Outcome>): string {
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`.padStart(9);
  const rows = [...outcomes].map(([name, { keptSegments, postRoll, preRoll }]) =>
    [name.padEnd(52), percent(preRoll), percent(postRoll), percent(keptSegments)].join(' | '),
  );
  const head = ['scenario'.padEnd(52), 'pre-roll ', 'post-roll', 'stored   '].join(' | ');
  return [head, ...rows].join('\n');
}
