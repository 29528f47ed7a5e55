import type { CustomEventValue } from '@otel-replay/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createGuard } from '../guard.js';
import type { Recording } from '../recording.js';
import { noActivity } from '../segment/activity.js';
import { createHub } from './occurrences.js';
import { recordSaid } from './said.js';

function page() {
  const errors: string[] = [];
  const guard = createGuard((error) => errors.push(String(error)));
  const hub = createHub(guard);
  const activity = noActivity();
  const marks: { tag: string; payload: object }[] = [];
  const recording: Pick<Recording, 'on' | 'activity' | 'mark'> = {
    on: hub.on,
    activity: () => activity,
    mark: (tag, payload) => void marks.push({ tag, payload }),
  };
  recordSaid(recording as Recording);
  return {
    ...{ errors, marks, activity },
    say: (event: string, attributes?: object) =>
      hub.tell('said', {
        timestamp: 1,
        event,
        attributes: attributes as Record<string, CustomEventValue> | undefined,
      }),
    flag: (flag: string, variant: string) => hub.tell('said', { timestamp: 1, flag, variant }),
    checkpoint: () => hub.tell('event', { type: 2, timestamp: 1, data: {} }),
  };
}

it('keeps every value that may be kept as it is', () => {
  const text = fc.string({ maxLength: 1000 });
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  const value = fc.oneof(
    ...[text, number, fc.boolean()],
    ...[fc.array(text, { maxLength: 100 }), fc.array(number, { maxLength: 100 })],
  );
  const key = fc.string({ minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(fc.dictionary(key, value, { minKeys: 1, maxKeys: 50 }), (attributes) => {
      const { marks, errors, say } = page();
      say('event', attributes);
      expect(errors).toEqual([]);
      expect(marks).toEqual([
        { tag: 'session_replay.event', payload: { name: 'event', attributes: { ...attributes } } },
      ]);
    }),
  );
});

it('never grows beyond its bounds, whatever it is given', () => {
  fc.assert(
    fc.property(fc.string(), fc.dictionary(fc.string(), fc.anything()), (name, attributes) => {
      const { marks, say } = page();
      say(name, attributes);
      const bytes = JSON.stringify(marks).length;
      expect(bytes).toBeLessThan(200_000);
      expect(marks.length).toBe(name === '' || name.length > 200 ? 0 : 1);
    }),
  );
});

it('says what it left out, without the values', () => {
  const { errors, say, marks } = page();
  say('event', {
    ...Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, i])),
  });
  say('event', { a: () => 'secret', b: Number.NaN, c: 'secret'.repeat(500), d: undefined });
  expect(errors).toEqual([
    'RangeError: addEvent "event": 60 attributes, at most 50 are recorded',
    'RangeError: addEvent "event": a left out: not a string, number, boolean or list of one of them; b left out: not a string, number, boolean or list of one of them; c cut to 1000 characters',
  ]);
  expect(Object.keys((marks[0]!.payload as { attributes: object }).attributes)).toHaveLength(50);
});

it('counts what is said in a loop, and complains once', () => {
  const { activity, errors, marks, say } = page();
  for (let i = 0; i < 2000; i++) say('again');
  expect([activity.customEventCount, marks.length, errors.length]).toEqual([2000, 500, 1]);
});

it('tells a flag when it changes, and again at each checkpoint', () => {
  const { flag, checkpoint, marks, errors } = page();
  for (const variant of ['a', 'a', 'b', 'b', 'a']) flag('cart', variant);
  const variants = (): string[] => marks.map(({ payload }) => Object.values(payload).join('='));
  expect(variants()).toEqual(['cart=a', 'cart=b', 'cart=a']);
  flag('pay', 'on');
  checkpoint();
  expect(variants().slice(4)).toEqual(['cart=a', 'pay=on']);
  for (let i = 0; i < 300; i++) flag(`f${i}`, 'x');
  expect(errors).toHaveLength(10);
  expect(marks.length).toBe(6 + 198);
});
