import { expect, it } from 'vitest';
import { createGuard } from '../guard.js';
import { createHub, type Said } from './occurrences.js';

const said = (event: string): Said => ({ timestamp: 0, event, attributes: undefined });

it('tells those who come late what they missed, up to a bound, until all are there', () => {
  const hub = createHub(createGuard());
  for (let i = 0; i < 300; i++) hub.tell('said', said(String(i)), true);
  hub.tell('leave', undefined);
  const heard: Said[] = [];
  let left = 0;
  hub.on('said', (what) => heard.push(what));
  hub.on('leave', () => left++);
  expect([heard.length, left]).toEqual([200, 0]);
  hub.tell('said', said('now'), true);
  expect(heard.length).toBe(201);
  hub.settle();
  let late = 0;
  const stop = hub.on('said', () => late++);
  hub.tell('said', said('later'), true);
  stop();
  hub.tell('said', said('last'), true);
  expect([heard.length, late]).toEqual([203, 1]);
});

it('goes on when a listener fails, and says so', () => {
  const errors: string[] = [];
  const hub = createHub(createGuard((_error, where) => errors.push(where)));
  let heard = 0;
  hub.on('leave', () => {
    throw new Error('broken');
  });
  hub.on('leave', () => heard++);
  hub.tell('leave', undefined);
  expect([heard, errors]).toEqual([1, ['leave']]);
});
