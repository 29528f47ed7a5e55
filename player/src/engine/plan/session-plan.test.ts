import { describe, expect, it } from 'vitest';
import { recording, session } from '../../../test/recordings.js';
import { SessionPlan } from './session-plan.js';

const twoTabs = new SessionPlan(
  session([
    recording('C.........', 'a', 0),
    recording('C...', 'b', 4000),
    recording('C.', 'c', 20_000),
  ]),
);

describe('at', () => {
  it.each([
    [500, undefined, 'a', 500],
    [5000, undefined, 'b', 5000],
    [5000, 'a', 'a', 5000],
    [15_000, undefined, 'a', 9900],
    [-5, undefined, 'a', 0],
    [99_000, undefined, 'c', 21_900],
  ])('%d, preferring %s, is %s at %d', (time, preferred, recordingId, at) => {
    const place = twoTabs.at(time, preferred);
    expect([place?.stretch.recordingId, place?.time]).toEqual([recordingId, at]);
  });

  it('has no place in a session that cannot be played', () => {
    expect(new SessionPlan(session([recording('...')])).at(100)).toBeUndefined();
  });
});

describe('after', () => {
  const next = (plan: SessionPlan, time: number, recordingId: string): unknown => {
    const place = plan.after(plan.at(time, recordingId)!.stretch);
    return place && [place.stretch.recordingId, place.time];
  };

  it('goes to the tab that is still there, then to the next page, then ends', () => {
    expect(next(twoTabs, 5000, 'b')).toEqual(['a', 7900]);
    expect(next(twoTabs, 5000, 'a')).toEqual(['c', 20_000]);
    expect(next(twoTabs, 20_500, 'c')).toBeUndefined();
  });

  it('goes over a hole in the same recording first', () => {
    const plan = new SessionPlan(
      session([recording('C.-..C.', 'a'), recording('C.....', 'b', 2000)]),
    );
    expect(next(plan, 100, 'a')).toEqual(['a', 5000]);
  });

  it('visits every stretch of a session without tabs, in order', () => {
    const plan = new SessionPlan(session([recording('C.-C-C', 'a'), recording('C-.C', 'b', 9000)]));
    const visited: number[] = [];
    for (let place = plan.at(0); place !== undefined; place = plan.after(place.stretch)) {
      visited.push(place.time);
    }
    expect(visited).toEqual([0, 3000, 5000, 9000, 12_000]);
  });
});

it('finds the nearest moment of a recording', () => {
  const plan = new SessionPlan(session([recording('C.-..C.', 'a')]));
  expect([0, 2500, 4800, 9000].map((time) => plan.within('a', time)?.time)).toEqual([
    0, 1900, 5000, 6900,
  ]);
  expect(plan.within('other', 0)).toBeUndefined();
});
