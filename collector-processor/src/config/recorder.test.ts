import { expect, test } from 'vitest';
import { recorderConfigOf, recorderSchema } from './recorder.js';

const settings = recorderSchema.parse({
  session_sampling_percentage: 5,
  services: {
    'shop-web': { session_sampling_percentage: 20, canary_percentage: 1 },
    legacy: { enabled: false },
  },
});

test('says nothing of what is not set, so that the page decides', () => {
  expect(recorderConfigOf(recorderSchema.parse({}), 'any')).toEqual({ enabled: true });
});

test('a service goes before all, and inherits what it does not set', () => {
  expect(recorderConfigOf(settings, 'shop-web')).toEqual({
    enabled: true,
    sessionSampleRate: 0.2,
    canaryShare: 0.01,
  });
  expect(recorderConfigOf(settings, 'other')).toEqual({ enabled: true, sessionSampleRate: 0.05 });
  expect(recorderConfigOf(settings, 'constructor')).toEqual({
    enabled: true,
    sessionSampleRate: 0.05,
  });
});

test('the switch of all stops a service that is on', () => {
  const stopped = recorderSchema.parse({ enabled: false, services: { a: { enabled: true } } });
  expect(recorderConfigOf(stopped, 'a').enabled).toBe(false);
  expect(recorderConfigOf(settings, 'legacy').enabled).toBe(false);
});
